import { defineWorker, Producer, type Transport } from '@millrace/core';

import { thousandths } from '../shared/numbers.js';
import { nextTurn, pause } from '../shared/pause.js';

const OUTBOX = 10;

/** The producer, wherever it runs: what it is, where Node finds it, and how a page starts it. */
const counter = defineWorker(
  () => import('./count.js'),
  new URL(/* @vite-ignore */ './count.js', import.meta.url),
  () => new Worker(new URL('./count.worker.js', import.meta.url), { type: 'module' }),
);

export interface Counting {
  readonly transport: string;
  readonly repetitions: number;
  readonly idleMs: number;
}

/**
 * Takes from a producer that counts ahead, and sends it to 50 again and again; closes the transport.
 *
 * @param cpuMs - how much CPU time was used so far; where nobody can tell, it is not measured
 */
export async function countAhead(
  { transport: name, repetitions, idleMs }: Counting,
  transport: Transport,
  cpuMs?: () => number,
) {
  try {
    await using count = new Producer(counter, { transport, name: 'count', outbox: OUTBOX });
    const full = async (): Promise<void> => {
      while ((await count.stats()).size < OUTBOX) await nextTurn();
    };
    await count.start();
    await full();
    // The start's own work is over.
    await pause(200);
    const before = cpuMs?.() ?? 0;
    await pause(idleMs);
    const idleCpuMs = cpuMs === undefined ? null : thousandths(cpuMs() - before);
    const { put: madeAhead } = await count.stats();

    const first = [await count.get(), await count.get()];
    let right = 0;
    for (let i = 0; i < repetitions; i++) {
      await full();
      await count.send(50);
      if ((await count.get()) === 50 && (await count.get()) === 51) right++;
    }
    await count.stop();
    return { transport: name, madeAhead, idleMs, idleCpuMs, first, repetitions, right };
  } finally {
    await transport.close();
  }
}

export type Counted = Awaited<ReturnType<typeof countAhead>>;

/** Whether it counted ten ahead and no more, and gave nothing stale. */
export function isRight({ right, repetitions, madeAhead }: Counted): boolean {
  return right === repetitions && madeAhead === OUTBOX;
}
