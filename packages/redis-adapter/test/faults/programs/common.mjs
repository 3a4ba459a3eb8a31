// What the programs of a ledger share: what they were told, a ledger that outlives any kind of death, and when to stop.
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { IterableQueue } from '@millrace/core';
import { redis } from '@millrace/redis-adapter';

export const told = JSON.parse(process.argv[2]);
const ledger = openSync(told.ledger, 'a');

/** Written at once: what a killed process has written stays. */
export function note(...words) {
  writeSync(ledger, `${words.join(' ')}\n`);
}

export const stopping = new AbortController();
const lines = createInterface({ input: process.stdin });
/** It may have been started ahead of need: once it is told to begin, what it needs is loaded. */
const begin = new Promise((resolve) => {
  lines.on('line', (line) => (line === 'stop' ? stopping.abort() : resolve()));
});
// Whoever started it is gone, and did not say that it is to end: nobody is left to stop for.
lines.once('close', () => stopping.signal.aborted || process.exit(4));
await import('redis');
await begin;

export const transport = redis({ connectTimeout: 30_000, ...told.redis });
export const queue = new IterableQueue({ transport, name: told.queue, capacity: told.capacity });

/** The process is of no more use: another one takes its place. */
export function giveUp(error) {
  note('!', told.name, String(error?.code), JSON.stringify(String(error?.stack ?? error)));
  process.exit(3);
}
process.on('uncaughtException', giveUp);
