import { defineWorker, IterableQueue, type MillraceError, type QueueEvents } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, range, served } from './support.ts';
import type { MortalArgs, Way } from './workers/mortal.js';

const load = () => import('./workers/mortal.js');
const mortal = defineWorker(
  load,
  () => new Worker(new URL('./workers/mortal.worker.ts', import.meta.url), { type: 'module' }),
);
const unlocked = defineWorker(
  load,
  () => new Worker(new URL('./workers/unlocked.worker.ts', import.meta.url), { type: 'module' }),
);

/** Starts a worker that dies of itself, or is terminated once it is ready; answers its error. */
async function death(
  way: Way,
  { args = {}, ref = mortal }: { args?: Partial<MortalArgs>; ref?: typeof mortal } = {},
) {
  const transport = openTransport();
  const said = new IterableQueue<string>({ transport });
  const hearing = said.consumer();
  const handle = transport.start(
    ref,
    { way, ...args, ready: said.producer() },
    {
      name: 'mortal',
    },
  );
  await handle.started();
  await hearing.get();
  expect(handle.state).toBe(handle.state === 'stopped' ? 'stopped' : 'started');
  if (way === 'wait' || way === 'spin') void handle.terminate();
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  expect(handle.state).toBe('stopped');
  await expect(handle.result()).rejects.toBe(exit.error);
  await handle.started();
  handle.stop();
  expect(await handle.terminate()).toBe(exit);
  expect(exit.error.details).toMatchObject({ worker: 'mortal' });
  return exit.error;
}

describe('how a worker died is told', () => {
  it('when it threw in a timer', async () => {
    const error = await death('throw');
    expect(error.code).toBe('WORKER_FAILED');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'thrown in a timer',
      code: 'E_THROWN',
      place: { at: 7 },
    });
    expect((error.cause as Error).stack).toContain('mortal.ts');
  });

  it('when it left a rejection unhandled', async () => {
    const error = await death('unhandled');
    expect(error).toMatchObject({
      code: 'WORKER_FAILED',
      cause: { message: 'rejected unseen', code: 'E_UNSEEN' },
    });
  });

  it('when its function rejected', async () => {
    const error = await death('reject');
    expect(error).toMatchObject({
      code: 'WORKER_FAILED',
      cause: { name: 'RangeError', message: 'rejected', code: 'E_REJECTED' },
    });
    expect((error.cause as Error).cause).toBeInstanceOf(SyntaxError);
  });

  it('when it closed itself', async () => {
    const error = await death('close');
    expect(error.code).toBe('WORKER_EXITED');
    expect(error.message).toContain('closed itself');
  });

  it('when it was gone without a word', async () => {
    expect((await death('vanish')).code).toBe('WORKER_EXITED');
  });

  it.each<Way>(['wait', 'spin'])('when it was terminated (%s)', async (way) => {
    expect((await death(way)).code).toBe('WORKER_TERMINATED');
  });

  it('but not when it takes its errors itself', async () => {
    const transport = openTransport();
    const careful = served(
      () => import('./workers/careful.js'),
      new URL('./workers/careful.ts', import.meta.url),
    );
    expect(await transport.start(careful, {}).result()).toEqual(['error', 'unhandledrejection']);
  });
});

describe('without locks', () => {
  it.each<[Way, MillraceError['code']]>([
    ['close', 'WORKER_EXITED'],
    ['throw', 'WORKER_FAILED'],
    ['wait', 'WORKER_TERMINATED'],
  ])('a death is told (%s)', async (way, code) => {
    expect((await death(way, { ref: unlocked })).code).toBe(code);
  });
});

describe('a producer that dies', () => {
  it.each<Way>(['close', 'vanish', 'throw', 'unhandled', 'wait', 'spin'])(
    'has put a prefix, of which all that it flushed is there (%s)',
    async (way) => {
      const transport = openTransport();
      const queue = new IterableQueue<number>({ transport });
      const said = new IterableQueue<string>({ transport });
      const hearing = said.consumer();
      const args = { way, out: queue.producer(), flushed: 300, more: 300, ready: said.producer() };
      const handle = transport.start(mortal, args);
      queue.close();
      const items = itemsOf(queue.consumer());
      await hearing.get();
      if (way === 'wait' || way === 'spin') void handle.terminate();
      const arrived = await items;
      expect(arrived).toEqual(range(0, arrived.length));
      expect(arrived.length).toBeGreaterThanOrEqual(300);
      expect((await handle.exit).status).toBe('failed');
    },
  );
});

describe('a consumer that dies', () => {
  it.each<Way>(['close', 'vanish', 'throw', 'reject', 'wait', 'spin'])(
    'loses nothing: what it had not settled is delivered again (%s)',
    async (way) => {
      const transport = openTransport();
      const queue = new IterableQueue<number>({ transport, capacity: 1000 });
      const said = new IterableQueue<string>({ transport });
      const hearing = said.consumer();
      const lost: QueueEvents['endpoint-lost'][] = [];
      queue.on('endpoint-lost', (event) => lost.push(event));
      const producer = queue.producer();
      await producer.putMany(range(0, 200));
      await producer.close();
      queue.close();
      const args = { way, source: queue.consumer(), ack: 20, hold: 5, ready: said.producer() };
      const handle = transport.start(mortal, args, { name: 'mortal' });
      await hearing.get();
      if (way === 'wait' || way === 'spin') void handle.terminate();
      const found: [number, boolean][] = [];
      for await (const delivery of queue.consumer().deliveries()) {
        found.push([delivery.value, delivery.redelivered]);
        delivery.ack();
      }
      expect(found.map(([n]) => n).sort((a, b) => a - b)).toEqual(range(20, 200));
      const again = found.filter(([, redelivered]) => redelivered).map(([n]) => n);
      // One that failed closed its endpoints first; the others did not.
      expect(again).toEqual(expect.arrayContaining(range(20, 25)));
      await queue.ended();
      if (way !== 'reject') expect(lost).toMatchObject([{ role: 'consumer', worker: 'mortal' }]);
      expect((await handle.exit).status).toBe('failed');
    },
  );
});
