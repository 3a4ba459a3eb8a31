import type { Blocker, QueueStats } from '../backend.js';
import type { QueueHealth } from '../transport.js';
import type { Home } from './home.js';

/** What is to be seen of a queue from outside. */
export function statsOf(home: Home): QueueStats {
  const { size, inHand, counts, endpoints, seekers } = home;
  return {
    size,
    inHand,
    ...counts,
    producers: endpoints.openProducers,
    consumers: endpoints.openConsumers,
    waitedMs: seekers.waitedMs(),
  };
}

export function healthOf(home: Home): QueueHealth {
  return { queue: home.spec.name, depth: home.size, inHand: home.inHand, ...home.progress.ago() };
}

export function blockersOf(home: Home): Blocker[] {
  if (home.isEnded) return [];
  const { endpoints } = home;
  const { name } = home.spec;
  const found: Blocker[] = [];
  if (!home.closed) found.push({ kind: 'queue-open', id: name });
  for (const { id, info } of endpoints.producers.values()) found.push({ kind: 'producer', id, ...info });
  for (const [id, { role, info }] of endpoints.slots) if (role === 'producer') found.push({ kind: 'slot', id, ...info });
  if (home.size > 0) found.push({ kind: 'waiting', id: name, items: home.size });
  for (const { id, info, inHand } of endpoints.consumers.values())
    if (inHand > 0) found.push({ kind: 'in-hand', id, items: inHand, ...info });
  return found;
}
