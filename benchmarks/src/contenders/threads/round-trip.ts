import { defineWorker, IterableQueue } from '@millrace/core';
import { Worker } from 'node:worker_threads';

import type { Contender } from '../../contender.js';
import { payloadNamed } from '../../payloads.js';
import { percentiles } from '../../percentiles.js';
import type { CallLibrary } from './calls/calls.js';
import type { Channel } from './channels.js';

const echo = defineWorker(
  () => import('../../workers/millrace-echo.js'),
  new URL('../../workers/millrace-echo.js', import.meta.url),
);

/** One item at a time to a thread and back, or the call that brings one; nothing else is on the way. */
export const roundTrip = (library: CallLibrary): Contender => ({
  name: library.name,
  async run({ payload, items, warm }) {
    const calls = library.open();
    try {
      const times: number[] = [];
      for (let index = 0; index < items + warm; index++) {
        const startedAt = performance.now();
        const item = await calls.call(payload.name, index);
        const ms = performance.now() - startedAt;
        const came = (payload.indexOf as (item: unknown) => number)(item);
        if (came !== index)
          throw new Error(`Item ${String(came)} came where item ${String(index)} was due.`);
        if (index >= warm) times.push(ms * 1e3);
      }
      return percentiles(times);
    } finally {
      await calls.close();
    }
  },
});

export const rawEcho: CallLibrary = {
  name: 'raw-post-message',
  open() {
    const worker = new Worker(new URL('../../workers/raw-echo.js', import.meta.url));
    return {
      call: (payload, index) =>
        new Promise((resolve) => {
          worker.once('message', resolve);
          worker.postMessage(payloadNamed(payload).make(index));
        }),
      close: () => worker.terminate(),
    };
  },
};

/** A queue to the thread, and another one back. */
export const millraceEcho = ({ name, open }: Channel): CallLibrary => ({
  name,
  open() {
    const transport = open();
    const there = new IterableQueue<unknown>({ transport });
    const back = new IterableQueue<unknown>({ transport });
    const out = there.producer();
    const input = back.consumer();
    const worker = transport.start(echo, { input: there.consumer(), out: back.producer() });
    there.close();
    back.close();
    return {
      async call(payload, index) {
        await out.put(payloadNamed(payload).make(index));
        return input.get();
      },
      async close() {
        await out.close();
        await worker.result();
        await transport.close();
      },
    };
  },
});
