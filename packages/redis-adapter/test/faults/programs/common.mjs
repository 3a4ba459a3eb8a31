// What the programs of a ledger share: what they were told, a ledger that outlives any kind of death, and when to stop.
import { once } from 'node:events';
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
/** It has been started ahead of need, and may begin: what it needs is loaded by then. */
const go = once(lines, 'line');
lines.once('close', () => stopping.abort());
await import('redis');
await go;
lines.once('line', () => stopping.abort());

export const transport = redis({ lease: 1000, connectTimeout: 30_000, ...told.redis });
export const queue = new IterableQueue({ transport, name: told.queue, capacity: told.capacity });

/** The process is of no more use: another one takes its place. */
export function giveUp(error) {
  note('!', told.name, String(error?.code), JSON.stringify(String(error?.stack ?? error)));
  process.exit(3);
}
process.on('uncaughtException', giveUp);
