import type { Connection } from '../../connection/index.js';
import type { Context } from '../context.js';
import { glance, isStrange, type Seen, type Strange } from '../look.js';
import { queueKeys } from '../server.js';
import { stateOf, summary } from '../summary.js';
import { ago, many, shown, table } from '../text.js';

/** How many queues are asked about at a time. */
const AT_ONCE = 64;

export interface Glance<Of = Seen | Strange> {
  readonly key: string;
  readonly seen: Of;
}

/** Looks at all of these that are there. */
export async function glances(connection: Connection, keys: readonly string[]): Promise<Glance[]> {
  const found: Glance[] = [];
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const seen = await Promise.all(some.map((key) => glance(connection, key)));
    for (const [i, each] of seen.entries()) if (each !== undefined) found.push({ key: some[i] ?? '', seen: each });
  }
  return found.sort((a, b) => compare(a.seen.name, b.seen.name) || compare(a.key, b.key));
}

export function known(all: readonly Glance[]): Glance<Seen>[] {
  return all.flatMap(({ key, seen }) => (isStrange(seen) ? [] : [{ key, seen }]));
}

export async function list({ given, connection, tell }: Context): Promise<void> {
  const all = await glances(connection, await queueKeys(connection, given.prefix));
  const strange = all.flatMap(({ key, seen }) => (isStrange(seen) ? [{ name: seen.name, key, layout: seen.version }] : []));
  const rows = known(all).map(({ key, seen }) => [
    nameOf(key, seen),
    seen.stats.size,
    seen.stats.inHand,
    seen.stats.producers,
    seen.stats.consumers,
    seen.waitingProducers,
    seen.letters,
    stateOf(seen),
    seen.sessionCount,
    ago(seen.lastSettled),
  ]);
  const lines = table(['QUEUE', 'DEPTH', 'IN HAND', 'PRODUCERS', 'CONSUMERS', 'WAITING', 'DEAD', 'STATE', 'SESSIONS', 'LAST SETTLED'], rows);
  tell(
    [
      ...(rows.length > 0 ? lines : []),
      ...strange.map(({ name, layout }) => `${shown(name)}: in layout ${String(layout)}, which this release does not know`),
      ...(all.length === 0 ? [`There are no queues with the prefix ${shown(given.prefix)}.`] : []),
      ...(rows.length > 1 ? ['', many(rows.length, 'queue')] : []),
    ],
    { queues: known(all).map(({ key, seen }) => summary(key, seen)), unknown: strange },
  );
}

/** One that belongs to a process is addressed by its key. */
export function nameOf(key: string, { name, exclusive }: Seen, most = 60): string {
  return exclusive ? `${shown(name, most)} (${key})` : shown(name, most);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
