/**
 * Conversations: a parent and its children, who count primes for it, over a pipe each and then all in one conversation.
 * `--help` lists the options.
 */
import { defineWorker } from '@millrace/core';

import { count, plural } from '../shared/numbers.js';
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import { type Options, parseOptions, usage } from './options.js';
import { overPeers } from './over-peers.js';
import { overPipes } from './over-pipes.js';
import type { Range } from './talk.js';

const child = defineWorker(() => import('./child.js'), new URL('./child.js', import.meta.url));

/** The numbers below `upTo`, cut into so many ranges. */
function cut(upTo: number, jobs: number): Range[] {
  const at = (job: number): number => Math.floor((upTo * job) / jobs);
  return Array.from({ length: jobs }, (_, job) => ({ from: at(job), to: at(job + 1) }));
}

async function talk(options: Options) {
  const { transport: name, children, jobs, upTo } = options;
  const transport = await openTransport(options);
  try {
    const ranges = cut(upTo, jobs);
    const pipes = await overPipes(transport, child, children, ranges);
    const peers = await overPeers(transport, child, children, ranges);
    return { transport: name, children, jobs, upTo, pipes, peers };
  } finally {
    await transport.close();
  }
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const { transport, children, jobs, upTo, json } = options;
  process.stdout.write(
    `A parent and ${count(children)} ${children === 1 ? 'child' : 'children'}, ${plural(jobs, 'job')}; transport ${transport}\n`,
  );
  const report = await talk(options);
  const { pipes, peers } = report;
  for (const [how, { primes, done, died }] of [
    ['over a pipe each', pipes],
    ['over peers', peers],
  ] as const)
    process.stdout.write(
      `${how}: ${count(done)} DO, as many FINISHED: ${count(primes)} primes below ${count(upTo)}; DIE stopped ${count(died)}\n`,
    );
  const shares = Object.entries(peers.shares).map(([name, share]) => `${name} ${count(share)}`);
  process.stdout.write(`who did them over peers: ${shares.join(', ')}\n`);
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const right =
    [pipes, peers].every(({ done, died }) => done === jobs && died === children) &&
    pipes.primes === peers.primes &&
    peers.unprocessed + peers.putBack + peers.outstanding === 0;
  if (!right) process.stderr.write('Error: not every message came once to whom it was for.\n');
  return right ? 0 : 1;
});
