import { defineWorker, IterableQueue, memory } from '@millrace/core';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { message, messages, openProcesses, refusal } from './support.ts';

const returns = defineWorker(() => import('./workers/returns.js'), new URL('./workers/returns.ts', import.meta.url));
const outcomes = defineWorker(() => import('./workers/outcomes.js'), new URL('./workers/outcomes.ts', import.meta.url));
const talks = defineWorker(() => import('./workers/talks.js'), new URL('./workers/talks.ts', import.meta.url));

/** Not among the types that are compiled with. */
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: { readonly Module: new (bytes: Uint8Array) => object } };

function everything() {
  const cyclic: { name: string; self?: unknown } = { name: 'cyclic' };
  cyclic.self = cyclic;
  const buffer = new ArrayBuffer(8);
  return {
    plain: { a: 1, b: 'text', c: null, d: undefined, e: true },
    numbers: [0, -0, NaN, Infinity, -1.5, 2 ** 53],
    big: 2n ** 70n,
    list: [1, [2, [3]]],
    map: new Map<unknown, unknown>([['key', new Set([1, { deep: new Date(7) }])]]),
    date: new Date(0),
    pattern: /a(b)/gi,
    bytes: new Uint8Array([1, 2, 3]),
    node: Buffer.from('node'),
    views: [new Uint16Array(buffer, 2, 2), new DataView(buffer)],
    boxed: [Object(1), Object('text')] as unknown[],
    cyclic,
    error: Object.assign(new RangeError('out', { cause: new TypeError('below') }), { code: 'E_OUT', place: { at: 7 } }),
    several: new AggregateError([new Error('one'), new SyntaxError('two')], 'several'),
  };
}

describe('arguments and results', () => {
  it('arrive as what they were, whatever structured clone carries', async () => {
    const given = everything();
    const got = await openProcesses().start(returns, given).result() as ReturnType<typeof everything>;
    const { error, several, cyclic, views, node, ...rest } = given;
    expect(got).toMatchObject(rest);
    expect(Object.hasOwn(got.plain, 'd')).toBe(true);
    expect(got.cyclic.self).toBe(got.cyclic);
    expect(got.cyclic.name).toBe(cyclic.name);
    expect([...got.node]).toEqual([...node]);
    expect(got.views[0]!.buffer).toBe(got.views[1]!.buffer);
    expect(got.views).toEqual(views);
    expect(got.error).toBeInstanceOf(RangeError);
    expect(got.error).toMatchObject({ message: 'out', code: 'E_OUT', place: { at: 7 }, stack: error.stack });
    expect(got.error.cause).toBeInstanceOf(TypeError);
    expect(got.several.message).toBe(several.message);
    expect(got.several.errors.map((inner: Error) => inner.name)).toEqual(['Error', 'SyntaxError']);
  });

  it.each([
    ['nothing', undefined],
    ['at once', 7],
  ] as const)('a result may be %s', async (which, value) => {
    expect(await openProcesses().start(outcomes, { which }).exit).toEqual({ status: 'finished', value });
  });

  it('a large one arrives whole', async () => {
    const got = await openProcesses().start(outcomes, { which: 'large' }).result() as Uint8Array;
    expect(got.length).toBe(20_000_000);
    expect(got.every((byte) => byte === 3)).toBe(true);
  });

  it.each([
    ['a function', '.list[0].done'],
    ['shared memory', '.at[0]'],
  ] as const)('a result cannot be %s', async (which, path) => {
    const error = await refusal('VALUE_NOT_CLONEABLE', openProcesses().start(outcomes, { which }).result());
    expect(error.details['path']).toBe(`result${path}`);
  });

  it.each<[string, () => unknown, string, string]>([
    ['a function', () => () => 1, '', 'a function'],
    ['shared memory', () => [new SharedArrayBuffer(8)], '[0]', 'SharedArrayBuffer'],
    ['a view on it', () => ({ cells: new Int32Array(new SharedArrayBuffer(8)) }), '.cells', 'Int32Array'],
    ['a port', () => new MessageChannel().port1, '', 'MessagePort'],
    ['a blob', () => new Map([['file', new Blob(['text'])]]), '.get("file")', 'Blob'],
    ['a module', () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), '', 'Module'],
    ['something in an error', () => Object.assign(new Error('e'), { blob: new Blob([]) }), '.blob', 'Blob'],
  ])('what stays in its process is refused at once, with the path: %s', async (_, make, path, what) => {
    const processes = openProcesses();
    const error = await refusal('VALUE_NOT_CLONEABLE', () => processes.start(returns, { deep: { bad: make() } }));
    expect(error.details).toMatchObject({ path: `args.deep.bad${path}` });
    expect(error.message).toContain(what);
    expect(processes.lost).toEqual([]);
  });

  it('nothing can be moved', async () => {
    const bytes = new Uint8Array([1, 2]);
    const start = () => openProcesses().start(returns, { bytes }, { transfer: [bytes.buffer] });
    await refusal('CAPABILITY_MISSING', start);
    expect([...bytes]).toEqual([1, 2]);
    expect(await openProcesses().start(returns, { bytes }, { transfer: [] }).result()).toEqual({ bytes });
  });

  it('an endpoint of a queue elsewhere stays', async () => {
    const out = new IterableQueue<string>({ transport: memory() }).producer();
    await refusal('CAPABILITY_MISSING', () => openProcesses().start(returns, { out }));
    expect(out.put('still here')).toBe('accepted');
  });
});

describe('what a worker throws', () => {
  it('keeps all that can be copied of it', async () => {
    const started = openProcesses().start(outcomes, { which: 'throws what cannot be copied' }, { name: 'throws' });
    const error = await refusal('WORKER_FAILED', started.result());
    expect(error.details).toEqual({ worker: 'throws' });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'with a socket', code: 'E_SOCKET', status: 500, cause: { message: 'below' } });
    expect((error.cause as Error).cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).stack).toContain('outcomes.ts');
    expect(error.cause).not.toHaveProperty('socket');
    expect(error.cause).not.toHaveProperty('shared');
  });

  it('may be anything, and is not taken for a failure of ours', async () => {
    const processes = openProcesses();
    const text = refusal('WORKER_FAILED', processes.start(outcomes, { which: 'throws text' }).result());
    const ours = refusal('WORKER_FAILED', processes.start(outcomes, { which: 'throws a coded error of ours' }).result());
    expect((await text).cause).toBe('only text');
    expect((await ours).cause).toMatchObject({ code: 'ENDPOINT_CLOSED', details: { endpoint: 'x' } });
  });

  it('arrives whole, however large', async () => {
    const error = await refusal('WORKER_FAILED', openProcesses().start(outcomes, { which: 'throws a large error' }).result());
    expect((error.cause as { text?: string }).text).toHaveLength(5_000_000);
  });
});

describe('messages', () => {
  it('go both ways, in order, those from before it began included', async () => {
    const handle = openProcesses().start(talks, { say: ['first', { nth: 2 }] });
    const sent = Array.from({ length: 200 }, (_, n) => ({ n, map: new Map([[n, [n]]]) }));
    const heard = messages(handle, 202);
    for (const one of sent) handle.channel.post(one);
    handle.channel.post('enough');
    expect(await heard).toEqual(['first', { nth: 2 }, ...sent]);
    expect(await handle.result()).toBe(200);
    handle.channel.post('too late');
  });

  it('that cannot be copied are refused where they are posted', async () => {
    const handle = openProcesses().start(talks, { say: ['here'] });
    expect(await message(handle)).toBe('here');
    const here = await refusal('VALUE_NOT_CLONEABLE', () => {
      handle.channel.post({ shared: new SharedArrayBuffer(4) });
    });
    expect(here.details['path']).toBe('args.shared');
    handle.channel.post('something bad');
    const there = await refusal('WORKER_FAILED', handle.result());
    expect(there.cause).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', details: { path: 'message' } });
  });
});
