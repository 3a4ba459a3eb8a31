import { Consumer, defineWorker, hasCode, IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { openTransport } from './support.js';
import { countSchema } from './workers/count-schema.js';

const checks = defineWorker(
  () => import('./workers/checks.js'),
  new URL('./workers/checks.ts', import.meta.url),
);
const sumsCounts = defineWorker(
  () => import('./workers/sums-counts.js'),
  new URL('./workers/sums-counts.ts', import.meta.url),
);

/** What its dead letters say. */
async function lettersOf(queue: IterableQueue<string>) {
  return (await queue.deadLetters.read()).map(({ value, error }) => {
    if (!hasCode(error, 'VALUE_INVALID')) throw new Error('not of its schema', { cause: error });
    return { value, issues: error.details.issues };
  });
}

const issues = [{ path: '.n[0]', message: 'must be positive' }];

describe('endpoints in a thread', () => {
  it('check by the schema that they are told there, and refuse to be used before', async () => {
    const transport = openTransport();
    const texts = new IterableQueue({ transport, schema: countSchema, check: 'take' });
    const counts = new IterableQueue({ transport, schema: countSchema });
    const worker = transport.start(checks, {
      texts: texts.consumerSlot(),
      counts: counts.producerSlot(),
    });
    const producer = texts.producer();
    await producer.putMany(['1', '0', '2', '-3', '3']);
    await producer.close();
    texts.close();
    expect(await worker.result()).toEqual([
      'SCHEMA_MISSING',
      'SCHEMA_MISSING',
      'VALUE_INVALID',
      'VALUE_INVALID',
      'VALUE_INVALID',
    ]);
    const taken = counts.consumer();
    expect(await taken.takeMany(9)).toEqual([1, 2, 3]);
    expect(await texts.deadLetters.read()).toHaveLength(2);
    expect(await texts.stats()).toMatchObject({ dead: 2, inHand: 0, size: 0 });
  });
});

describe('a consumer in a thread', () => {
  it('works on what matches its schema, and the rest are dead letters with their issues', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const sums = new Consumer(sumsCounts, { transport, input: queue, batchSize: 10, interval: 50 });
    await sums.start();
    await queue.producer().putMany(['1', '0', '2', 'three', '4']);
    const results: number[] = [];
    sums.results.on((sum) => results.push(sum));
    await sums.stopAtQueueEnd();
    expect(results.reduce((sum, each) => sum + each, 0)).toBe(7);
    expect(await lettersOf(queue)).toEqual([
      { value: '0', issues },
      { value: 'three', issues },
    ]);
    expect(await queue.stats()).toMatchObject({ acked: 3, dead: 2, redelivered: 0 });
  });
});
