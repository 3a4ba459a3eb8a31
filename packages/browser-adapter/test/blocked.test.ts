import { defineWorker, IterableQueue } from '@millrace/core';
import { expect, it } from 'vitest';
import { itemsOf, openTransport } from './support.ts';

const count = defineWorker(
  () => import('./workers/count.js'),
  () => new Worker(new URL('./workers/count.worker.ts', import.meta.url), { type: 'module' }),
);

// The page of this file alone gets the policy: it cannot be taken back.
it('a worker that the content security policy blocks says so, and its endpoints come back', async () => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "worker-src 'none'";
  document.head.append(policy);
  const transport = openTransport();
  const queue = new IterableQueue<number>({ transport });
  const handle = transport.start(count, { out: queue.producer(), upTo: 1 }, { name: 'blocked' });
  queue.close();
  const exit = await handle.exit;
  expect(exit).toMatchObject({
    status: 'failed',
    error: { code: 'WORKER_BLOCKED', details: { worker: 'blocked' } },
  });
  if (exit.status === 'failed') expect(exit.error.message).toContain('worker-src');
  expect(await itemsOf(queue.consumer())).toEqual([]);
});
