import { defineWorker, IterableQueue, type MillraceError, type QueueEvents, type WorkerFunction } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, refusal } from './support.js';
import type { Way } from './workers/mortal-producer.js';

const mortal = defineWorker(
  () => import('./workers/mortal-producer.js'),
  new URL('./workers/mortal-producer.ts', import.meta.url),
);

function limits(way: string) {
  return way === 'out-of-memory' ? { resourceLimits: { maxOldGenerationSizeMb: 24 } } : {};
}

/** Starts a worker that says when it runs, and then dies. */
function start(way: Way) {
  const transport = openTransport(limits(way));
  const queue = new IterableQueue<number>({ transport });
  const said = new IterableQueue<string>({ transport });
  const hearing = said.consumer();
  const ledger = new SharedArrayBuffer(8);
  const handle = transport.start(
    mortal,
    { out: queue.producer(), ready: said.producer(), way, flushed: 1, more: 0, ledger },
    { name: 'mortal' },
  );
  expect(handle.state).toBe('starting');
  return { transport, handle, ready: hearing.get() };
}

/** `exit`, `result()`, `started()` and `state` all tell the same of a worker that had begun. */
async function afterwards({ handle, transport }: ReturnType<typeof start>): Promise<MillraceError> {
  await handle.started();
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  expect(handle.state).toBe('stopped');
  await expect(handle.result()).rejects.toBe(exit.error);
  await handle.started();
  handle.stop();
  expect(await handle.terminate()).toBe(exit);
  expect(transport.health().workers).toBe(0);
  expect(exit.error.name).toBe('MillraceError');
  expect(exit.error.details).toMatchObject({ worker: 'mortal' });
  expect(exit.error.message).toContain('mortal');
  return exit.error;
}

describe('how a worker died is told', () => {
  it('when it called process.exit', async () => {
    expect(await afterwards(start('exit'))).toMatchObject({
      code: 'WORKER_EXITED',
      details: { exitCode: 3 },
    });
  });

  it('when it threw in a timer', async () => {
    const error = await afterwards(start('throw'));
    expect(error.code).toBe('WORKER_FAILED');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'thrown in a timer',
      code: 'E_THROWN',
      place: { at: 7 },
    });
    expect((error.cause as Error).stack).toContain('mortal-producer.ts');
  });

  it('when it left a rejection unhandled', async () => {
    const error = await afterwards(start('unhandled'));
    expect(error).toMatchObject({
      code: 'WORKER_FAILED',
      cause: { message: 'rejected unseen', code: 'E_UNSEEN' },
    });
  });

  it('when its function rejected', async () => {
    const error = await afterwards(start('reject'));
    expect(error.code).toBe('WORKER_FAILED');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'rejected',
      code: 'E_REJECTED',
      place: { at: 7 },
    });
    expect((error.cause as Error).stack).toContain('mortal-producer.ts');
    expect((error.cause as Error).cause).toBeInstanceOf(SyntaxError);
  });

  it('when it ran out of memory', async () => {
    const error = await afterwards(start('out-of-memory'));
    expect(error.code).toBe('WORKER_OUT_OF_MEMORY');
    expect(error.message).toContain('resourceLimits');
  });

  it.each<Way>(['terminate', 'spin'])('when it was terminated (%s)', async (way) => {
    const started = start(way);
    await started.ready;
    expect(started.handle.state).toBe('started');
    const [once, twice] = await Promise.all([
      started.handle.terminate(),
      started.handle.terminate(),
    ]);
    expect(once).toBe(twice);
    expect(await afterwards(started)).toMatchObject({ code: 'WORKER_TERMINATED' });
  });
});

describe('a worker that dies before it begins', () => {
  it.each([
    ['exit', 'WORKER_EXITED'],
    ['out-of-memory', 'WORKER_OUT_OF_MEMORY'],
    ['spin', 'WORKER_TERMINATED'],
    ['wait', 'WORKER_TERMINATED'],
  ] as const)('says so (%s), and its endpoints close', async (way, code) => {
    const transport = openTransport(limits(way));
    const queue = new IterableQueue<number>({ transport });
    const lost: QueueEvents['endpoint-lost'][] = [];
    queue.on('endpoint-lost', (event) => lost.push(event));
    const endpoint = queue.producer();
    const url = new URL(`./workers/dies-loading.ts?way=${way}`, import.meta.url);
    const handle = transport.start(
      defineWorker<WorkerFunction<unknown, void>>(() => import('./workers/dies-loading.js'), url),
      { out: endpoint },
    );
    queue.close();
    const started = refusal(code, handle.started());
    if (code === 'WORKER_TERMINATED') void handle.terminate();
    const error = await started;
    expect(await handle.exit).toEqual({ status: 'failed', error });
    expect(await refusal(code, handle.result())).toBe(error);
    expect(await refusal(code, handle.started())).toBe(error);
    expect(await itemsOf(queue.consumer())).toEqual([]);
    expect(lost).toMatchObject([{ id: endpoint.id, role: 'producer', worker: handle.id }]);
  });
});
