import { Conversation, DIE, DO, FINISHED, type Transport, type WorkerRef } from '@millrace/core';

import type childFunction from './child.js';
import type { Range, Talk } from './talk.js';

/** All are in one conversation: most jobs are for whichever child has time, the first ones for each by name. */
export async function overPeers(
  transport: Transport,
  child: WorkerRef<typeof childFunction>,
  children: number,
  jobs: readonly Range[],
) {
  const conversation = new Conversation<Talk>({ transport, name: 'family' });
  const parent = conversation.peer('parent');
  const names = Array.from({ length: children }, (_, i) => `child-${String(i + 1)}`);
  const workers = names.map((name) =>
    transport.start(child, { self: conversation.peer(name) }, { name: `peer-${name}` }),
  );

  for (const [i, job] of jobs.entries()) {
    const name = names[i];
    await parent.send(DO, name === undefined ? { data: job } : { data: job, to: name });
  }

  let primes = 0;
  let answers = 0;
  const shares = new Map(names.map((name) => [name, 0]));
  for await (const message of parent) {
    if (message.request !== FINISHED) continue;
    primes += message.data;
    shares.set(message.sender, (shares.get(message.sender) ?? 0) + 1);
    if (++answers === jobs.length) break;
  }
  await conversation.join(); // each job is answered, and each answer received
  await parent.send(DIE, { to: 'all' });

  const ends = await Promise.all(workers.map((worker) => worker.result()));
  const { sent, processed, returned, outstanding } = conversation.stats();
  await conversation.close();
  return {
    primes,
    done: ends.reduce((sum, { done }) => sum + done, 0),
    died: ends.filter(({ toldToDie }) => toldToDie).length,
    shares: Object.fromEntries(shares),
    messages: sent,
    unprocessed: sent - processed,
    putBack: returned,
    outstanding,
  };
}
