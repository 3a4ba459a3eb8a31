import type { Seen } from './look.js';

export type State = 'open' | 'not ready' | 'closed' | 'ended';

export function stateOf({ closed, ended, gate, ready }: Seen): State {
  if (ended) return 'ended';
  if (closed) return 'closed';
  return gate && !ready ? 'not ready' : 'open';
}

/** A queue in a list, for scripts. Fields may be added; none changes its meaning. */
export function summary(key: string, seen: Seen): object {
  const { stats } = seen;
  return {
    name: seen.name,
    key,
    exclusive: seen.exclusive,
    state: stateOf(seen),
    depth: stats.size,
    inHand: stats.inHand,
    deadLetters: seen.letters,
    producers: stats.producers,
    consumers: stats.consumers,
    waitingProducers: seen.waitingProducers,
    sessions: seen.sessionCount,
    silentMs: seen.silent,
    lastTakenMs: orNull(seen.lastTaken),
    lastSettledMs: orNull(seen.lastSettled),
  };
}

/** -1 is never, and no limit. */
export function orNull(value: number): number | null {
  return value < 0 ? null : Math.round(value);
}

export function counts({ stats }: Seen): object {
  const { put, taken, acked, redelivered, refused, dropped, cleared, dead, deadDropped, waitedMs } = stats;
  return { put, taken, acked, redelivered, refused, dropped, cleared, dead, deadDropped, waitedMs };
}
