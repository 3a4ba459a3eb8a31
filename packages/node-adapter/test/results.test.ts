import { defineWorker, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, refusal } from './support.js';
import type { OutcomesArgs } from './workers/outcomes.js';

const outcomes = defineWorker(
  () => import('./workers/outcomes.js'),
  new URL('./workers/outcomes.ts', import.meta.url),
);

const lingers = defineWorker(
  () => import('./workers/lingers.js'),
  new URL('./workers/lingers.ts', import.meta.url),
);

/** Runs the worker, which closes the endpoint that it has. */
async function run(which: OutcomesArgs['which']): Promise<{ result: Promise<unknown> }> {
  const transport = openTransport();
  const queue = new IterableQueue<string>({ transport });
  const lost: unknown[] = [];
  queue.on('endpoint-lost', (event) => lost.push(event));
  const handle = transport.start(outcomes, { out: queue.producer(), which }, { name: 'ends' });
  queue.close();
  const items = itemsOf(queue.consumer());
  await handle.exit;
  expect(await items).toEqual([]);
  expect(lost).toEqual([]);
  return { result: handle.result() };
}

describe('the result of a worker', () => {
  it.each([
    ['nothing', undefined],
    ['at once', 7],
  ] as const)('may be %s', async (which, value) => {
    const { result } = await run(which);
    expect(await result).toBe(value);
  });

  it.each([
    ['a function', '.list[0].done'],
    ['a promise within', '.soon'],
  ] as const)('must be something that can be copied, and not %s', async (which, path) => {
    const { result } = await run(which);
    const error = await refusal('VALUE_NOT_CLONEABLE', result);
    expect(error.details['path']).toBe(`result${path}`);
    expect(error.message).toContain(`result${path}`);
  });
});

describe('what a worker throws', () => {
  it.each([
    ['throws text', 'only text'],
    ['throws nothing', undefined],
  ] as const)('may be anything: it %s', async (which, cause) => {
    const { result } = await run(which);
    const error = await refusal('WORKER_FAILED', result);
    expect(error.cause).toBe(cause);
    expect(error.details).toMatchObject({ worker: 'ends' });
  });

  it('keeps all that can be copied of it', async () => {
    const { result } = await run('throws what cannot be copied');
    const error = await refusal('WORKER_FAILED', result);
    expect(error.message).toContain('with a socket');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({
      message: 'with a socket',
      code: 'E_SOCKET',
      status: 500,
      cause: { message: 'below' },
    });
    expect((error.cause as Error).cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).stack).toContain('outcomes.ts');
    expect(error.cause).not.toHaveProperty('socket');
  });

  it('is not taken for a failure of ours', async () => {
    const { result } = await run('throws a coded error of ours');
    const error = await refusal('WORKER_FAILED', result);
    expect(error.cause).toMatchObject({
      message: 'mine',
      code: 'ENDPOINT_CLOSED',
      details: { endpoint: 'x' },
    });
  });
});

describe('a thread whose function has returned', () => {
  it('may end in its own time, if its host wants to wait', async () => {
    const transport = openTransport({ linger: Infinity });
    const ledger = new SharedArrayBuffer(4);
    const handle = transport.start(lingers, { ledger });
    expect(await handle.exit).toEqual({ status: 'finished', value: 'returned' });
    expect(Atomics.load(new Int32Array(ledger), 0)).toBe(1);
  });
});
