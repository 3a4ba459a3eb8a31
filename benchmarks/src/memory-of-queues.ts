// memory-of-queues.js CHANNEL COUNT: prints what so many empty queues take, as JSON. In a process of its own, since it
// collects all garbage, and so what the other benchmarks' code was optimised for.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';

import { IterableQueue } from '@millrace/core';

import { channels } from './contenders/threads/channels.js';

/** KiB for one queue. */
export interface QueueMemory {
  /** Objects, and what hangs on them. */
  readonly heap: number;
  /** All that is in use. Pages of shared memory that nothing was written to are not. */
  readonly resident: number;
  /** The addresses that are set aside, where the system tells. */
  readonly virtual?: number;
}

const [, , name, words] = process.argv;
const count = Number(words);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const channel = channels.find((known) => known.name === name);
const transport = channel?.open();
const open = (): object => {
  if (transport === undefined) return new MessageChannel();
  const queue = new IterableQueue({ transport });
  return [queue, queue.producer(), queue.consumer()];
};

// What is loaded and compiled with the first ones is no queue's own.
const kept = Array.from({ length: 10 }, open);
const before = taken();
for (let opened = 0; opened < count; opened++) kept.push(open());
const after = taken();
const each = (bytes: number): number => Math.max(0, bytes) / count / 1024;
const memory: QueueMemory = {
  heap: each(after.heap - before.heap),
  resident: each(after.resident - before.resident),
  ...(after.virtual > 0 && { virtual: each(after.virtual - before.virtual) }),
};
process.stdout.write(`${JSON.stringify(memory)}\n`);
if (kept.length !== count + 10) throw new Error('Not all of them are open.');
process.exit();

function taken(): Required<QueueMemory> {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss, virtual: virtualSize() };
}

function virtualSize(): number {
  try {
    return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]) * 4096;
  } catch {
    return 0;
  }
}
