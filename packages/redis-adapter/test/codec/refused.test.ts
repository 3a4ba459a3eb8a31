import { hasCode, type MillraceError } from '@millrace/core';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BlockWriter, bytesForm, Items, json, msgpack } from '../../src/codec/index.ts';

function refusal(act: () => unknown): MillraceError {
  try {
    act();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('It was not refused.');
}

const wraps: ((value: unknown) => unknown)[] = [
  (value) => [value],
  (value) => ({ a: value }),
  (value) => new Map([[value, 1]]),
  (value) => new Set([value]),
  (value) => new Error('e', { cause: value }),
  (value) => Object.assign([], { 1: value }),
];

const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = wraps[i % 2]!(value);
  return value;
};

/** All kinds, and something that occurs twice. */
const mixed = (levels: number): unknown => {
  const shared = {};
  let value: unknown = [shared, shared];
  for (let i = 2; i < levels; i++) value = wraps[i % wraps.length]!(value);
  return value;
};

function moved<View extends ArrayBufferView<ArrayBuffer>>(view: View): View {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

const cases: [what: string, value: () => unknown, path: string][] = [
  ['a function', () => () => 1, ''],
  ['a symbol', () => Symbol('s'), ''],
  ['a function in an array', () => ({ list: [1, { f: () => 1 }] }), '.list[1].f'],
  ['a symbol in a Map', () => ({ m: new Map([['k', Symbol('s')]]) }), '.m.get("k")'],
  ['a function in a Set', () => [new Set([() => 1])], '[0].values[0]'],
  ['a WeakMap', (): unknown => ({ w: new WeakMap() }), '.w'],
  ['a promise', (): unknown => [Promise.resolve()], '[0]'],
  ['shared memory', () => ({ a: new SharedArrayBuffer(1) }), '.a'],
  ['a view on shared memory', () => ({ a: { b: new Uint8Array(new SharedArrayBuffer(1)) } }), '.a.b'],
  ['a Blob, which only this process can hold', () => ({ file: new Blob(['x']) }), '.file'],
  ['a port', () => ({ port: new MessageChannel().port1 }), '.port'],
  ['a generator', () => ({ g: (function* () {})() }), '.g'],
  ['a function behind a long array', () => ({ list: Array.from({ length: 200_000 }, () => 0), f: () => 1 }), '.f'],
  ['bytes that were moved away', () => ({ bytes: moved(new Uint8Array(4)) }), '.bytes'],
  ['a Buffer that was moved away', () => ({ bytes: moved(Buffer.from(new ArrayBuffer(4))) }), '.bytes'],
  ['numbers that were moved away', () => [moved(new Float64Array(4))], '[0]'],
  ['a Buffer on shared memory', () => [Buffer.from(new SharedArrayBuffer(4))], '[0]'],
  ['a boxed symbol', () => [Object(Symbol('s')) as unknown], '[0]'],
  [
    'a getter that throws',
    () => ({
      a: {
        get b() {
          throw new Error('no');
        },
      },
    }),
    '.a.b',
  ],
  ['a function in the cause of an error', () => ({ e: new Error('e', { cause: { f: () => 1 } }) }), '.e.cause.f'],
  [
    'a function in a cycle',
    () => {
      const root: Record<string, unknown> = {};
      root['inner'] = { root, leaf: () => 1 };
      return root;
    },
    '.inner.leaf',
  ],
];

describe('a value that bytes cannot carry', () => {
  const items = new Items();

  it.each(cases)('is refused, and its place is named: %s', (_, make, path) => {
    const error = refusal(() => items.encode(make()));
    expect(error).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', details: { path } });
    expect(error.message).toContain(path.replace(/^\./, ''));
    expect(refusal(() => items.encode(make(), undefined, '[2]'))).toMatchObject({ details: { path: `[2]${path}` } });
  });

  it('is refused where what lives in this process looks like plain data', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(hasCode(refusal(() => items.encode({ privateKey })), 'VALUE_NOT_CLONEABLE')).toBe(true);
  });

  it('is refused if it is nested deeper than it can be read', () => {
    expect(items.decode(items.encode(deep(1000))).value).toEqual(deep(1000));
    const most = items.encode(mixed(1000));
    expect(Buffer.compare(items.encode(items.decode(most).value), most)).toBe(0);
    expect(hasCode(refusal(() => items.encode(mixed(1001))), 'VALUE_NOT_CLONEABLE')).toBe(true);
    expect(hasCode(refusal(() => items.encode(deep(1001))), 'VALUE_NOT_CLONEABLE')).toBe(true);
    expect(hasCode(refusal(() => items.encode(deep(100_000))), 'VALUE_NOT_CLONEABLE')).toBe(true);
  });

  it('is refused if it is too large, with its size and the limit, and leaves the block as it was', () => {
    const limited = bytesForm(new Items({ largestValue: 100 }));
    const block = limited.open();
    block.put('x'.repeat(98));
    expect(refusal(() => { block.put('x'.repeat(99)); })).toMatchObject({ code: 'VALUE_TOO_LARGE', details: { size: 101, limit: 100 } });
    expect(refusal(() => { block.put({ f: () => 1 }); })).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
    expect(refusal(() => limited.fix('x'.repeat(99), '[7]')).message).toContain('[7]');
    block.put('y');
    expect(block.count).toBe(2);
    const arrived = limited.read([undefined, ...block.cut(1, 9).block], 1);
    expect([arrived.count, arrived.sequence, arrived.values.take(0), arrived.values.take(1)]).toEqual([2, 9, 'x'.repeat(98), 'y']);
  });

  it('is refused where it is to be moved', () => {
    const block = bytesForm(items).open();
    const bytes = new Uint8Array(1);
    expect(refusal(() => { block.add(bytes, { transfer: [bytes.buffer] }); })).toMatchObject({ code: 'TRANSFER_REFUSED' });
    expect([block.count, bytes.length]).toEqual([0, 1]);
  });
});

describe('JSON', () => {
  const items = new Items({ codec: json });

  it.each([null, true, 'grüße \u{1f600} \ud800', 0, -1.5, 1e21, [], {}, { a: [1, { b: null }] }, JSON.parse('{"__proto__": {"a": 1}}')])('carries %j', (value) => {
    const item = items.encode(value);
    expect(items.decode(item).value).toEqual(value);
    expect(new Items().decode(item).value).toEqual(value);
    expect(JSON.parse(Buffer.from(item.subarray(1)).toString())).toEqual(value);
  });

  it('carries what occurs twice, as two', () => {
    const part = { n: 1 };
    expect(items.decode(items.encode([part, part])).value).toEqual([{ n: 1 }, { n: 1 }]);
  });

  const cycle: Record<string, unknown> = {};
  cycle['a'] = { cycle };
  it.each<[string, unknown, string]>([
    ['undefined', undefined, ''],
    ['a field that is undefined', { a: { b: undefined } }, '.a.b'],
    ['NaN', { a: NaN }, '.a'],
    ['-0', [-0], '[0]'],
    ['a bigint', { 'a b': 1n }, '["a b"]'],
    ['a Date', { at: new Date(0) }, '.at'],
    ['a Map', [[new Map()]], '[0][0]'],
    ['bytes', { bytes: new Uint8Array(1) }, '.bytes'],
    ['a hole', { list: new Array(1) }, '.list'],
    ['an error', [new Error('e')], '[0]'],
    ['a function', { toJSON: () => 1 }, '.toJSON'],
    ['a cycle', cycle, '.a.cycle'],
  ])('refuses what it would change: %s', (_, value, path) => {
    const error = refusal(() => items.encode(value, undefined, '[1]'));
    expect(error).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', details: { path: `[1]${path}` } });
    expect(error.message).toContain('json');
  });
});

describe('MessagePack alone', () => {
  const items = new Items({ codec: msgpack });

  it.each([null, undefined, 'grüße \u{1f600}', NaN, 2 ** 60, [], {}, { a: [1, { b: undefined }] }, [new Uint8Array(2), new Uint8Array(0)]])('carries %o', (value) => {
    expect(items.encode(value)[0]).toBe(msgpack.id);
    expect(items.decode(items.encode(value)).value).toEqual(value);
  });

  const part = { n: 1 };
  const { buffer } = new Uint8Array(4);
  it.each<[string, unknown, string, RegExp]>([
    ['-0', { a: [-0] }, '.a[0]', /-0/],
    ['a bigint', { 'a b': 1n }, '["a b"]', /bigint/],
    ['a Date', { at: new Date(0) }, '.at', /Date/],
    ['a Map', [[new Map()]], '[0][0]', /Map/],
    ['an error', [new Error('e')], '[0]', /Error/],
    ['a function', { f: () => 1 }, '.f', /function/],
    ['a hole', { list: new Array(1) }, '.list', /holes/],
    ['a field of an array', { list: Object.assign([, 1], { x: 2 }) }, '.list', /fields/], // eslint-disable-line no-sparse-arrays
    ['half of a surrogate pair', ['\ud800'], '[0]', /surrogate/],
    ['half of one in a name', { '\ud800': 1 }, '["\\ud800"]', /surrogate/],
    ['a field named __proto__', JSON.parse('{"a": {"__proto__": 1}}'), '.a.__proto__', /name/],
    ['what occurs twice', { a: part, b: [part] }, '.b[0]', /elsewhere/],
    ['two views on one buffer', [new Uint8Array(buffer, 0, 2), new Uint8Array(buffer, 2)], '', /./],
    ['an instance', [new URLSearchParams()], '[0]', /URLSearchParams/],
  ])('refuses what it would change: %s', (_, value, path, what) => {
    const error = refusal(() => items.encode(value, undefined, '[1]'));
    expect(error).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', details: { path: `[1]${path}` } });
    expect(error.message).toMatch(what);
  });
});

describe('a codec of one’s own', () => {
  const upper = {
    id: 40,
    name: 'upper',
    encode: (value: unknown) => Buffer.from((value as string).toUpperCase()),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
  };

  it('is used, and items of others are read beside its own', () => {
    const items = new Items({ codec: upper });
    expect(items.decode(items.encode('abc', { a: 'b' }))).toEqual({ value: 'ABC', headers: { a: 'b' } });
    expect(items.decode(new Items().encode('abc')).value).toBe('abc');
    expect(new Items({ codecs: [upper] }).decode(items.encode('abc')).value).toBe('ABC');
    expect(refusal(() => new Items().decode(items.encode('abc')))).toMatchObject({ code: 'VALUE_UNREADABLE' });
    expect(refusal(() => items.encode(1))).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
  });

  it.each([0, 1, 2, 64, 1.5])('cannot have the id %d', (id) => {
    expect(refusal(() => new Items({ codec: { ...upper, id } }))).toMatchObject({ code: 'BAD_OPTION' });
  });

  it('may be listed together with what is there anyway', () => {
    expect(new Items({ codecs: [json, msgpack] }).decode(new Items().encode(1)).value).toBe(1);
  });
});

describe('a block', () => {
  it('keeps its space for the next one, unless it was large', () => {
    const block = new BlockWriter();
    block.add(new Uint8Array(3_000_000));
    expect(block.cut().length).toBe(3_000_004);
    expect(block.items.bytes.length).toBeLessThanOrEqual(1024 * 1024);
  });
});
