import {
  type ConsumerEndpoint,
  type Delivery,
  hasCode,
  type ProducerEndpoint,
  type WorkerContext,
} from '@millrace/core';

import { type Item, now, type Receipt, type Tuning, type Worked } from './item.js';
import { Reporter } from './reporter.js';
import { Tuned } from './tuned.js';

export interface ConsumerArgs {
  readonly source: ConsumerEndpoint<Item>;
  readonly receipts: ProducerEndpoint<Receipt>;
  readonly tuning: Tuning;
}

/** For how long, in ms, a batch may wait for its last item. */
const WITHIN = 20;

/** Works on batches of items at a rhythm of its own. */
export default async function consume(
  { source, receipts, tuning }: ConsumerArgs,
  context: WorkerContext,
) {
  const { signal, channel } = context;
  const tuned = new Tuned(tuning, context);
  const reporter = new Reporter<Worked>((worked) => channel.post(worked));
  let [took, settled, redelivered, inHand] = [0, 0, 0, 0];
  const tell = (): void => {
    reporter.report({ kind: 'worked', took, settled, redelivered, inHand });
  };
  const settle = async (batch: readonly Delivery<Item>[], receipt: Receipt): Promise<void> => {
    await receipts.put(receipt);
    // It is there before the queue hears that the items are done: whatever becomes of this worker, none is missing.
    await receipts.flush();
    for (const delivery of batch) delivery.ack();
    settled += batch.length;
    inHand -= batch.length;
    tell();
  };
  let settling = Promise.resolve();
  tell();
  try {
    while (!signal.aborted) {
      const { batch: max } = tuned.tuning;
      for await (const batch of source.deliveryBatches({ max, within: WITHIN, signal })) {
        took += batch.length;
        inHand += batch.length;
        redelivered += batch.filter((delivery) => delivery.redelivered).length;
        tell();
        const receipt = write(batch);
        await tuned.spend(batch.length);
        // The next batch is worked on meanwhile, but not the one after that.
        await settling;
        settling = settle(batch, receipt);
        // Whoever waits for it hears of it.
        settling.catch(() => undefined);
        if (tuned.tuning.batch !== max) break;
      }
    }
  } catch (error) {
    if (!(hasCode(error, 'ABORTED') && signal.aborted)) throw error;
  }
  await settling;
  reporter.flush();
}

function write(batch: readonly Delivery<Item>[]): Receipt {
  const at = now();
  const runs: number[] = [];
  let [waited, longest] = [0, 0];
  let [maker, next] = [-1, -1];
  for (const { value } of batch) {
    const age = at - value.at;
    waited += age;
    longest = Math.max(longest, age);
    if (value.maker === maker && value.n === next) runs[runs.length - 1] = ++next;
    else {
      ({ maker } = value);
      next = value.n + 1;
      runs.push(maker, value.n, next);
    }
  }
  return { runs, items: batch.length, waited, longest };
}
