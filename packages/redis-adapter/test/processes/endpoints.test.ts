import { defineWorker, IterableQueue, type Transport } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { socketTransport } from '../conformance/socket-transport.ts';
import { refusal } from './support.ts';

const returns = defineWorker(() => import('./workers/returns.js'), new URL('./workers/returns.ts', import.meta.url));
const given = defineWorker(() => import('./workers/given.js'), new URL('./workers/given.ts', import.meta.url));

function opened(options?: Parameters<typeof socketTransport>[0]): Transport {
  const transport = socketTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

/** The source of a module, as its own address. */
function source(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

describe('the way to the queues', () => {
  it('opens when the first endpoint arrives, which may be later', async () => {
    const transport = opened();
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(given, undefined);
    await handle.started();
    handle.channel.post({ out: queue.producer() });
    queue.close();
    const items: number[] = [];
    for await (const pid of queue.consumer()) items.push(pid);
    expect(items).toEqual([expect.any(Number)]);
    expect(items[0]).not.toBe(process.pid);
    await handle.result();
  });

  it('does not open where no endpoint goes', async () => {
    const transport = opened({ module: source('throw new Error("loaded")') });
    expect(await transport.start(returns, 1).result()).toBe(1);
  });

  it.each([
    ['throws', 'export const open = () => { throw new RangeError("no way"); }'],
    ['rejects', 'export const open = async () => { throw new RangeError("no way"); }'],
    ['does not load', 'throw new RangeError("no way")'],
  ])('that %s is a failure to start, and what was given is lost', async (_, text) => {
    const transport = opened({ module: source(text) });
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(returns, { out: queue.producer() }, { name: 'hopeless' });
    queue.close();
    const error = await refusal('WORKER_LOAD_FAILED', handle.started());
    expect(error.cause).toMatchObject({ name: 'RangeError', message: 'no way' });
    expect(error.details).toEqual({ worker: 'hopeless' });
    await expect(handle.result()).rejects.toBe(error);
    await queue.ended();
  });

  it('keeps the code of an error of ours', async () => {
    const ours = 'Object.assign(new Error("closed"), { name: "MillraceError", code: "TRANSPORT_CLOSED", details: {} })';
    const transport = opened({ module: source(`export const open = () => { throw ${ours}; }`) });
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(returns, { out: queue.producer() });
    await refusal('TRANSPORT_CLOSED', handle.result());
  });
});
