import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

import { nextTurn } from '../../shared/pause.js';
import { type Item, type Made, now, type Tuning } from './item.js';
import { Reporter } from './reporter.js';
import { Tuned } from './tuned.js';

export interface ProducerArgs {
  readonly out: ProducerEndpoint<Item>;
  readonly maker: number;
  readonly tuning: Tuning;
}

/** How many items it puts by one call, when so many are due. */
const MOST = 256;

/** Puts items at a rhythm of its own, and waits where the queue wants it to. */
export default async function produce(
  { out, maker, tuning }: ProducerArgs,
  context: WorkerContext,
) {
  const { signal, channel } = context;
  const tuned = new Tuned(tuning, context);
  const reporter = new Reporter<Made>((made) => channel.post(made));
  let [offered, accepted, refused] = [0, 0, 0];
  const tell = (blocked: boolean): void => {
    reporter.report({ kind: 'made', offered, accepted, refused, blocked });
  };
  tell(false);
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const count = tuned.takeDue(MOST);
    if (count === 0) {
      await tuned.untilDue();
      continue;
    }
    const at = now();
    const items = Array.from({ length: count }, (_, i) => ({ maker, n: offered + i, at }));
    const answer = out.putMany(items, { signal });
    if (answer instanceof Promise) tell(true);
    try {
      // A queue that need not be ready answers from its home: what the page is told of is there, whatever becomes of this worker.
      const counts = await answer;
      accepted += counts.accepted + counts.dropped;
      refused += counts.refused;
    } catch (error) {
      // It was given up since nobody wants it any more.
      if (isOver()) break;
      throw error;
    }
    offered += count;
    tell(false);
    // What the page has to say must get through.
    await nextTurn();
  }
  reporter.flush();
}
