import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';

import { IterableQueue } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The clock that is looked at while a thread lingers: then nobody else here can do anything, but for what is done by this. */
function whileSomebodyLingers(call: () => void): { stop(): void } {
  const now = performance.now.bind(performance);
  let looks = 0;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => {
    if (++looks === 2) call();
    return now();
  });
  return {
    stop: () => {
      spy.mockRestore();
    },
  };
}

test('who waits in shared memory finds what is put while it lingers, and need not be woken', async () => {
  const transport = workerThreads({ channel: 'shared-memory' });
  const queue = new IterableQueue<number>({ transport });
  const producer = queue.producer();
  const consumer = queue.consumer();
  let lingered = 0;
  for (let i = 0; i < 20; i++) {
    const got = consumer.get();
    const notify = vi.spyOn(Atomics, 'notify');
    let put: unknown;
    const clock = whileSomebodyLingers(() => {
      put = producer.put(i);
    });
    await setImmediate();
    await setImmediate();
    clock.stop();
    if (put === undefined) put = producer.put(i);
    else if (notify.mock.calls.length === 0) lingered++;
    notify.mockRestore();
    expect(await put).toBe('accepted');
    expect(await got).toBe(i);
  }
  // The first few waits go without, and those that follow would not if one of them were in vain.
  expect(lingered).toBeGreaterThan(10);
  await transport.close();
});
