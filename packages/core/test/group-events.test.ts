import { defineWorker, memory, PlainWorker, Producer, Supervisor } from '@millrace/core';
import { expect, it } from 'vitest';

class Count {
  private n = 0;
  work() {
    return this.n++;
  }
}

const count = defineWorker(() => Promise.resolve({ default: Count }));

it('a supervisor hears of each worker that is gone for good', async () => {
  const supervisor = new Supervisor();
  const stopped: [string, number, string | undefined][] = [];
  supervisor.on('stopped', ({ group, instance, error }) =>
    stopped.push([group, instance, error?.code]),
  );
  supervisor.add(new Producer(count, { transport: memory(), name: 'count', count: 2 }));
  await supervisor.launch();
  await supervisor.scale('count', 1);
  expect(stopped).toEqual([['count', 1, undefined]]);
  await supervisor.stop();
  expect(stopped).toEqual([
    ['count', 1, undefined],
    ['count', 0, undefined],
  ]);
});

it('and of why, if it failed', async () => {
  const fails = defineWorker(() =>
    Promise.resolve({ default: (): Promise<void> => Promise.reject(new Error('no')) }),
  );
  const worker = new PlainWorker(fails, {
    transport: memory(),
    restart: { limit: 1, backoff: { min: 0 } },
  });
  const heard: [string, string | undefined][] = [];
  worker.on('failure', ({ error }) => heard.push(['failure', error.code]));
  worker.on('stopped', ({ error }) => heard.push(['stopped', error?.code]));
  await worker.start();
  await worker.finished().catch(() => undefined);
  expect(heard).toEqual([
    ['failure', 'WORKER_FAILED'],
    ['failure', 'WORKER_FAILED'],
    ['stopped', 'WORKER_FAILED'],
  ]);
});
