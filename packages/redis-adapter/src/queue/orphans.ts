import type { Connection } from '../connection/index.js';
import { LAYOUT, ORPHAN } from '../home/scripts.js';

/** For how long nobody may be heard of before a queue without a name is taken for left behind, in ms. */
const FORSAKEN = 24 * 3600 * 1000;
/** How many are looked at by whoever makes another one: more than one, so that they become fewer. */
const AT_ONCE = 3;

/** The set of keys of the queues that belong to processes. */
function registry(prefix: string): string {
  return `${prefix}{temporary}`;
}

/**
 * A queue that belongs to a process goes with it; where all who used it have died at once, nobody is left to see to that. So
 * each is noted, and whoever makes one looks after some of the others. Resolves when it is noted.
 */
export async function note(connection: Connection, prefix: string, key: string): Promise<void> {
  const all = registry(prefix);
  await connection.command(all, ['SADD', all, key]);
  void sweep(connection, prefix).catch(() => undefined);
}

/** It has gone as it should. */
export async function forget(connection: Connection, prefix: string, key: string): Promise<void> {
  const all = registry(prefix);
  await connection.command(all, ['SREM', all, key]);
}

async function sweep(connection: Connection, prefix: string): Promise<void> {
  const all = registry(prefix);
  const some = await connection.command(all, ['SRANDMEMBER', all, String(AT_ONCE)]);
  if (!Array.isArray(some)) return;
  for (const key of some.map(String)) {
    const gone = await connection.run(ORPHAN, [key], [String(LAYOUT), String(FORSAKEN)]);
    if (gone === 1) await forget(connection, prefix, key);
  }
}
