import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { hasCode, type ProducerEndpoint, type QueueOptions } from '@millrace/core';
import { expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { cutOff, endBehind, queueName } from './ends.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const KiB = 1024;
const MiB = KiB * KiB;
const ITEM = 64 * KiB;
const TRIES = 1600;
const LANES = 40;

/** Bytes that are held on to. */
async function held(): Promise<number> {
  // Some are given back by a finalizer, in a later turn.
  for (let i = 0; i < 3; i++) {
    gc();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Puts one item after another, each of which gives up soon. Resolves with how often they failed, by their codes, and with ids to repeat. */
async function insist(
  producer: ProducerEndpoint<string>,
  repeated: readonly string[] = [],
): Promise<{ codes: Record<string, number>; ids: string[] }> {
  const codes: Record<string, number> = {};
  const ids: string[] = [];
  let n = 0;
  const lane = async (): Promise<void> => {
    while (n < TRIES) {
      const value = `${String(++n)} ${'x'.repeat(ITEM)}`;
      const id = repeated[n % repeated.length];
      const put = Promise.resolve(
        producer.put(value, id === undefined ? { timeout: 20 } : { timeout: 20, id }),
      );
      const failure: unknown = await put.catch((error: unknown) => error);
      const code =
        hasCode(failure, 'PUT_UNCERTAIN') || hasCode(failure, 'TIMED_OUT')
          ? failure.code
          : String(failure);
      if (hasCode(failure, 'PUT_UNCERTAIN')) ids.push(failure.details.id);
      codes[code] = (codes[code] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { codes, ids };
}

const kinds: [string, Partial<QueueOptions>][] = [
  ['waits for room', {}],
  ['drops the oldest', { overflow: 'drop-oldest' }],
];

it.each(kinds)(
  'however often a put is tried in an outage, little of it is kept, on a queue that %s',
  { timeout: 120_000 },
  async (_, options) => {
    const server = await opened(startServer());
    const { queue, proxy } = await endBehind(
      server.port,
      queueName(),
      {},
      { capacity: 16, ...options },
    );
    const producer = queue.producer();
    await producer.put('first');
    await cutOff(proxy);
    const before = await held();
    const { codes, ids } = await insist(producer);
    const grown = (await held()) - before;
    const { codes: again } = await insist(producer, ids);
    const more = (await held()) - before;
    console.log(
      JSON.stringify({ codes, again }),
      (grown / MiB).toFixed(1),
      (more / MiB).toFixed(1),
      'MiB',
    );
    for (const code of Object.keys({ ...codes, ...again }))
      expect(['PUT_UNCERTAIN', 'TIMED_OUT']).toContain(code);
    // All that was tried is 100 MiB each time.
    expect(grown).toBeLessThan(40 * MiB);
    expect(more).toBeLessThan(40 * MiB);
    await proxy.resume();
    const last = producer.put('last');
    for await (const item of queue.consumer()) if (item === 'last') break;
    expect(await last).toBe('accepted');
  },
);
