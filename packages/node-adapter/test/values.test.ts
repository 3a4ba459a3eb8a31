import {
  type ConsumerEndpoint,
  defineWorker,
  IterableQueue,
  type ProducerEndpoint,
  type Transport,
} from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './support.js';

const echo = defineWorker(
  () => import('./workers/echo.js'),
  new URL('./workers/echo.ts', import.meta.url),
);

let transport: Transport;
let there: ProducerEndpoint<unknown>;
let back: ConsumerEndpoint<unknown>;

beforeAll(() => {
  transport = workerThreads();
  const sent = new IterableQueue<unknown>({ transport });
  const returned = new IterableQueue<unknown>({ transport });
  transport.start(echo, { source: sent.consumer(), out: returned.producer() });
  there = sent.producer();
  back = returned.consumer();
});

afterAll(() => transport.close());

async function roundTrip(value: unknown): Promise<unknown> {
  await there.put(value);
  return await back.get();
}

class Temperature {
  readonly degrees: number;
  #secret = 1;

  constructor(degrees: number) {
    this.degrees = degrees;
  }

  get secret(): number {
    return this.#secret;
  }
}

const shared = { at: 1 };
const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
const cycle: { name: string; self?: unknown; list: unknown[] } = { name: 'cycle', list: [] };
cycle.self = cycle;
cycle.list.push(cycle, cycle.list);
const selfMap = new Map<unknown, unknown>();
selfMap.set('self', selfMap).set(selfMap, 1);
// eslint-disable-next-line no-sparse-arrays -- that is what it is about
const sparse = [, 1, , undefined, 3, ,];
const sparseWithField = Object.assign([1, 2], { note: 'kept' });
sparseWithField.length = 3;
const marked = { [Symbol('mark')]: { hidden: true }, seen: 1 };
const deep: Record<string, unknown> = {};
let inner = deep;
for (let depth = 0; depth < 500; depth++) inner = inner['in'] = {};

const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  NaN: NaN,
  'minus zero': -0,
  Infinity: -Infinity,
  'a bigint': 2n ** 200n,
  'a string': 'grüße \u{1f600} \ud800',
  'an empty string': '',
  true: true,
  'plain data': { a: 1, b: 'two', c: [3, null, { d: undefined }], e: -0, f: NaN },
  'a Map': new Map<unknown, unknown>([
    ['a', 1],
    [{ key: 1 }, new Map([[NaN, -0]])],
  ]),
  'a Set': new Set<unknown>([1, 'a', { b: 1 }, new Set([undefined])]),
  'a Date': new Date(1e12),
  'no Date': new Date(NaN),
  'a RegExp': /a(?<b>c)/giu,
  'boxed values': [Object(1), Object('a'), Object(true), Object(1n)],
  'a sparse array': sparse,
  'a sparse array with a field': sparseWithField,
  'an array with a field': Object.assign([1, 2, 3], { note: 'kept' }),
  'an empty array with a length': new Array(5),
  'a long array': Array.from({ length: 1000 }, (_, i) => ({ i })),
  'an ArrayBuffer': buffer,
  'a DataView': new DataView(buffer, 2, 4),
  'two views on one buffer': [new Uint8Array(buffer, 1, 3), new Uint16Array(buffer)],
  'a window on a buffer': new Uint8Array(buffer, 2, 3),
  'a Buffer': Buffer.from('from the pool'),
  'no bytes': new Uint8Array(0),
  'a cycle': cycle,
  'a Map in itself': selfMap,
  'what is shared within': { a: shared, b: [shared], c: new Map([[shared, shared]]) },
  'nested deep': deep,
  'an instance of a class': new Temperature(36.6),
  'no prototype': Object.assign(Object.create(null) as object, { a: 1 }),
  'a field named __proto__': JSON.parse('{"__proto__": {"a": 1}, "b": {"__proto__": 2}}'),
  'symbols as keys': marked,
  'fields that are not enumerable': Object.defineProperty({ seen: 1 }, 'hidden', { value: 1 }),
  'a getter': {
    get half() {
      return 0.5;
    },
  },
};
for (const Typed of [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
])
  values[`a ${Typed.name}`] = new Typed([0, 1, 2, 200]);
values['a BigInt64Array'] = new BigInt64Array([-1n, 2n]);
values['a BigUint64Array'] = new BigUint64Array([1n, 2n ** 63n]);

/** Equal in every respect that structured clone keeps, identities within included. */
function expectSame(got: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(got, wanted)) return;
  expect(got).toStrictEqual(wanted);
  throw new Error('not the same, although it looks so');
}

describe('a value that goes to a thread and comes back', () => {
  it.each(Object.keys(values))('is what structured clone makes of it: %s', async (name) => {
    expectSame(await roundTrip(values[name]), structuredClone(values[name]));
  });

  it('keeps what is shared within it', async () => {
    const got = (await roundTrip(values['what is shared within'])) as {
      a: object;
      b: object[];
      c: Map<object, object>;
    };
    expect(got.b[0]).toBe(got.a);
    expect(got.c.get(got.a)).toBe(got.a);
    const [bytes, words] = (await roundTrip(values['two views on one buffer'])) as [
      Uint8Array,
      Uint16Array,
    ];
    expect(bytes.buffer).toBe(words.buffer);
  });

  it('takes no symbols along, not even to a consumer of this thread', async () => {
    const queue = new IterableQueue<object>({ transport });
    await queue.producer().put(marked);
    expect(Reflect.ownKeys(await queue.consumer().get())).toEqual(['seen']);
  });

  it('shares what is meant to be shared', async () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(4));
    const got = (await roundTrip({ bytes })) as { bytes: Uint8Array };
    Atomics.store(bytes, 2, 7);
    expect(Atomics.load(got.bytes, 2)).toBe(7);
  });

  it.each([
    ['bytes', () => new Uint8Array(8 << 20).map((_, i) => i * 31)],
    ['text', () => 'aé'.repeat(4 << 20)],
    ['an object', () => ({ a: new Float64Array(1 << 20).fill(0.1), b: ['x'.repeat(1 << 20)] })],
  ])('may be 8 MiB: %s', async (_, make) => {
    const value = make();
    expect(isDeepStrictEqual(await roundTrip(value), value)).toBe(true);
  });

  const anything = fc.anything({
    maxDepth: 4,
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  it('is what structured clone makes of it, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        expectSame(await roundTrip(value), structuredClone(value));
      }),
      { numRuns: 300 },
    );
  });

  it('is so in company, too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 2, maxLength: 20 }), async (many) => {
        await there.putMany(many);
        const got: unknown[] = [];
        for await (const value of back.take(many.length)) got.push(value);
        // One by one: two items share nothing, even where they did.
        expectSame(
          got,
          many.map((value) => structuredClone(value)),
        );
      }),
      { numRuns: 50 },
    );
  });

  const scalar = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.constantFrom(undefined, null, true, false, -0),
  );
  /** For each field the values are of one kind, or of any. */
  const records = fc
    .uniqueArray(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 5 })
    .chain((keys) =>
      fc
        .tuple(
          ...keys.map(() =>
            fc.constantFrom<fc.Arbitrary<unknown>>(fc.integer(), fc.double(), scalar),
          ),
        )
        .chain((kinds) =>
          fc.array(
            fc
              .tuple(...kinds)
              .map((row) => Object.fromEntries(row.map((field, i) => [keys[i]!, field]))),
            { minLength: 2, maxLength: 40 },
          ),
        ),
    );

  it('is so among others with the same fields', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (many) => {
        await there.putMany(many);
        const got: object[] = [];
        for await (const value of back.take(many.length)) got.push(value as object);
        expectSame(got, many);
        expect(got.map(Object.keys)).toEqual(many.map(Object.keys));
      }),
      { numRuns: 100 },
    );
  });
});
