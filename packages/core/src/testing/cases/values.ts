import { equal, fails, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, copies, EDGES, putsAtOnce, refers } from '../case.js';

class Coded extends Error {
  override readonly name = 'Coded';
  readonly code = 'E_CODED';
  readonly details = { place: [1, 2] };
}

/** One of each that structured clone carries, made afresh each time. */
const VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  'null and booleans': () => [null, true, false],
  'numbers of all kinds': () => [0, -0, 1.5, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER],
  bigint: () => ({ big: 2n ** 80n, negative: -1n }),
  'strings with any character': () => ['', '\u0000', '\ud800', 'é\u{1f600}', 'x'.repeat(70_000)],
  'plain objects, deep': () => ({ a: { b: { c: { d: [{ e: 1 }] } } }, undefinedField: undefined }),
  'hostile keys': () =>
    JSON.parse('{"__proto__":1,"constructor":2,"toString":3,"length":4,"":5}') as unknown,
  'arrays with holes and with fields undefined': () => [1, , undefined, 3], // eslint-disable-line no-sparse-arrays
  'long arrays': () => numbers(1000),
  'Map and Set': () => ({ map: new Map<unknown, unknown>([['a', new Map([[1, 2]])], [{ k: 1 }, undefined]]), set: new Set([1, 'b', null]) }), // prettier-ignore
  'Date and RegExp': () => [new Date(0), new Date(NaN), /a.b/giu],
  'typed arrays': () => [
    new Uint8Array([1, 2]),
    new Float64Array([0.5]),
    new BigInt64Array([-1n]),
    new DataView(new ArrayBuffer(3)),
  ],
  'an ArrayBuffer': () => new Uint8Array([9, 8, 7]).buffer,
  'bytes alone': () => new Uint8Array(numbers(5000)),
  'a view on a part of a buffer': () => new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  'errors with cause and own fields': () =>
    new Coded('outer', { cause: new RangeError('inner', { cause: { plain: true } }) }),
  'errors within objects': () => ({
    list: [new TypeError('a')],
    map: new Map([['e', new Coded('b')]]),
  }),
};

const cyclic = (): unknown => {
  const value: Record<string, unknown> = { n: 1 };
  return (value['self'] = value);
};

/** Values that are alike, and others that only seem so: a channel may carry them together. */
const ALIKE: Record<string, (index: number) => unknown> = {
  'small numbers': (i) => i - 32,
  'numbers of all kinds': (i) => [0, -0, 1.5, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1][i % 7],
  'numbers, but for one': (i) => (i === 33 ? 'no number' : i),
  records: (i) => ({ id: i, ts: 1e12 + i, text: `text ${String(i)}`, done: i % 2 === 0 }),
  'records whose fields are of several kinds': (i) => ({
    id: i === 3 ? -0 : i,
    field: [1, 'a', null, undefined, 2n, true, -0, NaN][i % 8],
  }),
  'records, one of which has more': (i) => (i === 33 ? { id: i, more: 1 } : { id: i }),
  'records, one of which has less': (i) => (i === 33 ? {} : { id: i }),
  'records in another order': (i) => (i % 2 === 0 ? { a: i, b: 'b' } : { b: 'b', a: i }),
  'records that hold others': (i) => ({ id: i, inner: { id: i, list: [i] } }),
  'records without fields': () => ({}),
  'hostile records': (i) => JSON.parse(`{"__proto__":${String(i)},"toString":2,"1":3}`) as unknown,
  'records and arrays': (i) => (i % 2 === 0 ? { 0: i } : [i]),
  errors: (i) => Object.assign(new RangeError(`error ${String(i)}`, { cause: i }), { code: i }),
  'objects, one of which holds an error': (i) =>
    i === 33 ? { error: new Coded('one') } : { id: i },
};

const UNFIT: Record<string, [value: () => unknown, path: RegExp]> = {
  'a function': [() => () => 1, /^(The value itself|.*value itself)/],
  'a symbol': [() => Symbol('s'), /itself/],
  'a function in an array': [() => ({ list: [1, { f: () => 1 }] }), /list\[1\]\.f/],
  'a function in a cycle': [
    () => {
      const root: Record<string, unknown> = { inner: {} };
      (root['inner'] as Record<string, unknown>)['root'] = root;
      (root['inner'] as Record<string, unknown>)['leaf'] = () => 1;
      return root;
    },
    /inner\.leaf/,
  ],
  'a symbol in a Map': [() => ({ m: new Map([['k', Symbol('s')]]) }), /m\.get\("k"\)/],
  'a WeakMap': [() => ({ w: new WeakMap() }), /w/],
  'a promise': [() => [Promise.resolve()], /\[0\]/],
};

/** Q16 Values. */
export const values: CaseSpec[] = [
  ...Object.entries(VALUES).map(([what, make]): CaseSpec => ({
    rule: 'Q16',
    name: `arrives equal: ${what}`,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 4 });
      await t.given(t.op('put', () => producer.put(make())));
      await t.given(t.op('put', () => producer.put([make(), 'beside'])));
      const [alone, beside] = await t.get(consumer, 2);
      equal(alone, make(), 'the value');
      equal(beside, [make(), 'beside'], 'the value within an array');
    },
  })),
  ...Object.entries(ALIKE).map(([what, make]): CaseSpec => ({
    rule: 'Q16',
    name: `arrives equal: many ${what}`,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 64 });
      const many = () => Array.from({ length: 64 }, (_, i) => make(i));
      await t.given(t.op('put', () => producer.putMany(many())));
      const got = await t.get(consumer, 64);
      equal(got, many(), 'the values');
      const order = (value: unknown) => Object.keys(value as object);
      equal(got.map(order), many().map(order), 'the order of their fields');
    },
  })),
  {
    rule: 'Q16',
    name: 'fields that symbols name are left out, as by structured clone, whatever else a value holds',
    when: copies,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 64 });
      const named = <T extends object>(value: T): T =>
        Object.assign(value, { [Symbol('s')]: () => 1 });
      const part = named({ n: 1 });
      const put = [part, { n: 2, part }, named([part]), named({ m: new Map([['k', part]]), part }), named({ text: 'x'.repeat(200_000), part })]; // prettier-ignore
      await t.given(t.op('putMany', () => producer.putMany(put)));
      await t.put(producer, part);
      const symbols = (value: unknown): number => Object.getOwnPropertySymbols(value ?? {}).length;
      for (const value of (await t.get(consumer, 6)) as {
        part?: object;
        m?: Map<string, object>;
      }[])
        equal([value, value.part, value.m?.get('k')].map(symbols), [0, 0, 0], 'symbols');
    },
  },
  {
    rule: 'Q16',
    name: 'arrives equal: many with a cycle each',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 64 });
      await t.given(t.op('put', () => producer.putMany(Array.from({ length: 64 }, cyclic))));
      for (const value of (await t.get(consumer, 64)) as { n: number; self: unknown }[])
        ok(value.n === 1 && value.self === value, 'the cycle is broken');
    },
  },
  {
    rule: 'Q16',
    name: 'arrives equal: cycles and shared parts',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const shared = { n: 1 };
      const value: Record<string, unknown> = { a: shared, b: [shared] };
      value['self'] = value;
      await t.given(t.op('put', () => producer.put(value)));
      const got = (await t.get(consumer, 1))[0] as { a: object; b: [object]; self: unknown };
      ok(got.self === got, 'the cycle is broken');
      ok(got.a === got.b[0], 'the shared part is no longer shared');
      equal(got.a, { n: 1 }, 'the shared part');
    },
  },
  {
    rule: 'Q16',
    name: 'arrives equal: errors keep class, code and stack, whether their put waited or not',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const error = new Coded('lost');
      const puts = [1, 2].map((n) => t.op(`put ${String(n)}`, () => producer.put(error)));
      for (const got of (await t.get(consumer, 2)) as Coded[]) {
        ok(got instanceof Error, 'not an Error any more');
        equal(
          [got.name, got.message, got.code, got.details, got.stack],
          [error.name, error.message, error.code, error.details, error.stack],
          'fields',
        );
      }
      for (const put of puts) await t.given<unknown>(put);
    },
  },
  {
    rule: 'Q16',
    name: 'the value is fixed during put: changing it afterwards changes nothing, whether it waited or not',
    when: (target) => copies(target) && putsAtOnce(target),
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const value = { n: 0, inner: { list: [0] }, bytes: new Uint8Array(2) };
      const change = (): void => {
        value.n++;
        value.inner.list.push(1);
        value.bytes[0] = 9;
      };
      const now = t.op('put at once', () => producer.put(value));
      change();
      const later = t.op('put that waits', () => producer.put(value));
      change();
      const many = t.op('putMany that waits', () => producer.putMany([value, value]));
      change();
      const got = await t.get(consumer, 4);
      equal((got as { n: number }[]).map(({ n }) => n), [0, 1, 2, 2], 'n'); // prettier-ignore
      equal((got as typeof value[]).map(({ inner, bytes }) => [inner.list.length, bytes[0]]), [[1, 0], [2, 9], [3, 9], [3, 9]], 'insides'); // prettier-ignore
      for (const op of [now, later, many]) await t.given<unknown>(op);
    },
  },
  {
    rule: 'Q16',
    name: 'two items share no identity, nor with what was put',
    when: copies,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 8 });
      const shared = { n: 1 };
      const bytes = new Uint8Array(8);
      await t.put(producer, shared, { shared });
      await t.given(t.op('putMany', () => producer.putMany([[shared], [shared], bytes, bytes])));
      const got = await t.get(consumer, 6);
      const parts = [
        got[0],
        (got[1] as { shared: object }).shared,
        (got[2] as [object])[0],
        (got[3] as [object])[0],
        shared,
      ];
      ok(new Set(parts).size === parts.length, 'items share an object');
      const buffers = [got[4] as Uint8Array, got[5] as Uint8Array, bytes].map(
        (view) => view.buffer,
      );
      ok(new Set(buffers).size === 3, 'items share a buffer');
    },
  },
  {
    rule: 'Q16',
    name: 'a value that is delivered again is as it was put, whatever its first taker did to it',
    when: (target) => copies(target) && target.manifest.isolation !== 'none',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, { n: 1 });
      const deliveries = consumer.deliveries();
      const first = await t.next(deliveries);
      (first.value as { n: number }).n = 2;
      await t.given(t.op('nack', () => first.nack()));
      await t.settle();
      const again = await t.next(deliveries);
      equal(again.value, { n: 1 }, 'the value, delivered again');
      await t.given(t.op('ack', () => again.ack()));
    },
  },
  {
    rule: 'Q16',
    name: 'values pass by reference, as the manifest says',
    when: refers,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 2 });
      const value = { f: () => 1 };
      await t.put(producer, value);
      await t.given(t.op('put', () => producer.put(value, { timeout: 1 })));
      for (const got of await t.get(consumer, 2)) ok(got === value, 'another object arrived');
    },
  },
  ...Object.entries(UNFIT).map(([what, [make, path]]): CaseSpec => ({
    rule: 'Q16',
    name: `refused at its own put, with the path: ${what}`,
    when: copies,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      for (const [how, put] of Object.entries({
        put: () => producer.put(make()),
        'put with options': () => producer.put(make(), { timeout: 1 }),
        tryPut: () => producer.tryPut(make()),
      })) {
        const error = await t.refused(t.op<unknown>(how, put), 'VALUE_NOT_CLONEABLE');
        ok(path.test(error.message), `${how}: the error does not name the place: ${error.message}`);
      }
      await t.put(producer, 'good');
      const waiting = await t.refused(t.op('put that would wait', () => producer.put(make())), 'VALUE_NOT_CLONEABLE'); // prettier-ignore
      ok(
        path.test(waiting.message),
        `a put that would wait: the error does not name the place: ${waiting.message}`,
      );
      await t.hasStats(queue, { put: 1, size: 1 });
      equal(await t.get(consumer, 1), ['good'], 'what was good');
    },
  })),
  ...[64, ...EDGES.slice(3)].map((count): CaseSpec => ({
    rule: 'Q16',
    name: `one bad item among ${count} fails alone`,
    when: copies,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 512 });
      const bad = count >> 1;
      const puts = numbers(count).map((n) =>
        t.op(`put ${n}`, () => producer.put(n === bad ? { n, f: () => 1 } : { n })),
      );
      await t.settle();
      for (const [n, put] of puts.entries()) {
        if (n === bad) put.refusal('VALUE_NOT_CLONEABLE');
        else equal(put.given(), 'accepted', put.what);
      }
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const expected = numbers(count).filter((n) => n !== bad);
      await t.gives(t.collect(consumer), expected.map((n) => ({ n }))); // prettier-ignore
    },
  })),
  {
    rule: 'Q16',
    name: 'a bad item in putMany puts none of it, and its place in the batch is named',
    when: copies,
    run: async (t) => {
      const { queue, producer } = await t.pair({ capacity: 8 });
      const error = await t.refused(t.op('putMany', () => producer.putMany([1, { ok: 1 }, { f: () => 1 }])), 'VALUE_NOT_CLONEABLE'); // prettier-ignore
      ok(error.message.includes('[2].f'), `the error does not name the place: ${error.message}`);
      await t.hasStats(queue, { put: 0 });
    },
  },
  {
    rule: 'Q16',
    name: 'a queue option that copies is refused by none: clone fixes values everywhere',
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1, clone: true });
      const value = { n: 1 };
      await t.put(producer, value);
      value.n = 2;
      equal(await t.get(consumer, 1), [{ n: 1 }], 'the value');
      await fails(() => producer.put(() => 1), 'VALUE_NOT_CLONEABLE', 'put of a function');
    },
  },
];
