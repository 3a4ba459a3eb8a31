import { DIE, Pipe, type Transport, type WorkerRef } from '@millrace/core';

import type childFunction from './child.js';
import type { Range, Talk } from './talk.js';

/** Each child has a pipe of its own: the parent decides who does what, and asks each for its next answer. */
export async function overPipes(
  transport: Transport,
  child: WorkerRef<typeof childFunction>,
  children: number,
  jobs: readonly Range[],
) {
  const pipes = Array.from({ length: children }, () => new Pipe<Talk, Talk>({ transport }));
  const workers = pipes.map((pipe, i) =>
    transport.start(child, { self: pipe.child }, { name: `pipe-child-${String(i + 1)}` }),
  );

  const sums = await Promise.all(
    pipes.map(async ({ parent }, i) => {
      let sum = 0;
      // Every so many of the jobs are this child's, and it gets one when it has answered the one before.
      for (let job = i; job < jobs.length; job += children) sum += await parent.request(jobs[job]!);
      return sum;
    }),
  );
  for (const { parent } of pipes) await parent.send(DIE);

  const ends = await Promise.all(workers.map((worker) => worker.result()));
  for (const { parent } of pipes) await parent.close();
  return {
    primes: sums.reduce((sum, n) => sum + n, 0),
    done: ends.reduce((sum, { done }) => sum + done, 0),
    died: ends.filter(({ toldToDie }) => toldToDie).length,
  };
}
