import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { RingBuffer } from 'ringbuf.js';

import type { Contender } from '../../../contender.js';
import { judge, Ledger, type LedgerPage } from '../../../ledger.js';
import { CAPACITY } from '../../sizes.js';

export interface RingData {
  readonly storage: SharedArrayBuffer;
  readonly total: number;
  readonly chunk: number;
}

const numbersOnly = {
  name: 'ringbuf.js',
  carries: (payload: string) => payload === 'small',
} as const;

/** One thread to another; both spin while they wait. */
export const ringBetween = (chunk: number): Contender => ({
  ...numbersOnly,
  async run({ items, warm }) {
    const data = ring(items + warm, chunk);
    const consumer = start('ring-consumer', data);
    const page = once(consumer, 'message') as Promise<[LedgerPage]>;
    await once(consumer, 'online');
    await Promise.all([once(start('ring-producer', data), 'exit'), once(consumer, 'exit')]);
    return judge([(await page)[0]], data.total, warm);
  },
});

/** A thread to the main thread, which looks again in each turn of its event loop. */
export const ringToMain = (chunk: number): Contender => ({
  ...numbersOnly,
  async run({ payload, items, warm }) {
    const data = ring(items + warm, chunk);
    const ledger = new Ledger<unknown>(payload, data.total, 1, 1);
    const ended = once(start('ring-producer', data), 'exit');
    const buffer = new RingBuffer(data.storage, Float64Array);
    const taken = new Float64Array(chunk);
    for (let count = 0; count < data.total;) {
      const length = buffer.pop(taken, chunk);
      for (let i = 0; i < length; i++) ledger.see(taken[i]);
      count += length;
      if (length === 0) await setImmediate();
    }
    await ended;
    return judge([ledger.page()], data.total, warm);
  },
});

function ring(total: number, chunk: number): RingData {
  return { storage: RingBuffer.getStorageForCapacity(CAPACITY, Float64Array), total, chunk };
}

function start(name: 'ring-producer' | 'ring-consumer', data: RingData): Worker {
  return new Worker(new URL(`../../../workers/${name}.js`, import.meta.url), { workerData: data });
}
