import { defineWorker, IterableQueue, type QueueOptions } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { itemsOf, openTransport, range } from './support.js';

const putAnswers = defineWorker(
  () => import('./workers/put-answers.js'),
  new URL('./workers/put-answers.ts', import.meta.url),
);

async function putFromThread(
  how: 'put' | 'tryPut' | 'putMany',
  count: number,
  options: QueueOptions,
) {
  const transport = openTransport();
  const queue = new IterableQueue<number>({ transport, ...options });
  const answers = await transport.start(putAnswers, { out: queue.producer(), count, how }).result();
  const stats = await queue.stats();
  queue.close();
  return { answers, stats, items: await itemsOf(queue.consumer()) };
}

function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value);
}

describe('a lossy queue, from a thread', () => {
  it('drops what is new, says so, and counts it', async () => {
    const { answers, stats, items } = await putFromThread('put', 100, {
      capacity: 4,
      overflow: 'drop-newest',
    });
    expect(answers).toEqual([...times(4, 'accepted'), ...times(96, 'dropped')]);
    expect(items).toEqual(range(0, 4));
    expect(stats).toMatchObject({ size: 4, put: 4, dropped: 96 });
  });

  it('drops what is old, and counts it', async () => {
    const { answers, stats, items } = await putFromThread('put', 100, {
      capacity: 4,
      overflow: 'drop-oldest',
    });
    expect(answers).toEqual(times(100, 'accepted'));
    expect(items).toEqual(range(96, 100));
    expect(stats).toMatchObject({ size: 4, put: 100, dropped: 96 });
  });

  it('answers for many at a time', async () => {
    const newest = await putFromThread('putMany', 100, { capacity: 4, overflow: 'drop-newest' });
    expect(newest).toMatchObject({
      answers: [{ accepted: 4, dropped: 96, refused: 0 }],
      items: range(0, 4),
    });
    const oldest = await putFromThread('putMany', 100, { capacity: 4, overflow: 'drop-oldest' });
    expect(oldest).toMatchObject({
      answers: [{ accepted: 100, dropped: 0, refused: 0 }],
      items: range(96, 100),
    });
  });

  it('answers to a try', async () => {
    const { answers, items } = await putFromThread('tryPut', 10, {
      capacity: 4,
      overflow: 'drop-newest',
    });
    expect(answers).toEqual([...times(4, true), ...times(6, false)]);
    expect(items).toEqual(range(0, 4));
  });
});

describe('a queue that waits, from a thread', () => {
  it('has room exactly for its capacity when it is tried', async () => {
    const { answers, items } = await putFromThread('tryPut', 10, { capacity: 7 });
    expect(answers).toEqual([...times(7, true), ...times(3, false)]);
    expect(items).toEqual(range(0, 7));
  });
});

describe('a put that waits to be confirmed', () => {
  it.each(['put', 'tryPut'] as const)(
    'has arrived when it is answered, even if its thread exits at once: %s',
    async (how) => {
      const transport = openTransport();
      const queue = new IterableQueue<number>({ transport, confirm: 'each' });
      const handle = transport.start(putAnswers, {
        out: queue.producer(),
        count: 20,
        how,
        exit: true,
      });
      queue.close();
      const consuming = itemsOf(queue.consumer());
      expect(await handle.exit).toMatchObject({ error: { code: 'WORKER_EXITED' } });
      expect(await consuming).toEqual(range(0, 20));
    },
  );

  it('waits for room first', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport, confirm: 'each', capacity: 3 });
    const handle = transport.start(putAnswers, { out: queue.producer(), count: 50, how: 'put' });
    queue.close();
    expect(await itemsOf(queue.consumer())).toEqual(range(0, 50));
    expect(await handle.result()).toEqual(times(50, 'accepted'));
  });
});
