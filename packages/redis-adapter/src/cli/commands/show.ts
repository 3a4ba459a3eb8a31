import { type Context, find, noSuchQueue } from '../context.js';
import { lookClosely, type SeenClosely, type SeenSession } from '../look.js';
import { counts, orNull, stateOf, summary } from '../summary.js';
import { ago, limit, many, shown, table, time } from '../text.js';

export async function show(context: Context): Promise<void> {
  const { given, connection, tell } = context;
  const { key } = await find(context);
  const seen = await lookClosely(connection, key);
  if (seen === undefined) throw noSuchQueue(given, given.names[0] ?? '');
  tell(forPeople(key, seen), forScripts(key, seen));
}

/** As far as can be told: somebody who cannot reach the server is silent, too. */
function stateOfSession({ left, heard }: SeenSession, lease: number): 'alive' | 'silent' | 'expired' {
  if (left <= 0) return 'expired';
  return heard > lease ? 'silent' : 'alive';
}

function forScripts(key: string, seen: SeenClosely): object {
  const named = ({ worker, madeAt }: { worker: string | false; madeAt: string | false }): object => ({
    worker: worker === false ? null : worker,
    madeAt: madeAt === false ? null : madeAt,
  });
  return {
    queue: summary(key, seen),
    options: {
      capacity: orNull(seen.capacity),
      overflow: seen.overflow,
      acknowledge: seen.acknowledge,
      gate: seen.gate,
      maxDeliveries: orNull(seen.maxDeliveries),
      deadLetterCapacity: orNull(seen.deadLetterCapacity),
      codec: seen.codec,
      leaseMs: seen.lease,
    },
    generation: seen.generation,
    counts: counts(seen),
    sessions: seen.sessions.map((session) => ({
      id: session.id,
      state: stateOfSession(session, seen.lease),
      leaseLeftMs: Math.round(session.left),
      heardMs: Math.round(session.heard),
      endpoints: session.endpoints,
      unreadFrames: session.unread,
      owner: session.owner,
    })),
    endpoints: seen.endpoints.map(({ id, role, session, inHand, fetched, room, waiting, away, ...rest }) => ({
      ...{ id, role, session, ...named(rest), waiting, moving: away },
      ...(role === 'consumer' ? { inHand, fetchedAhead: fetched } : { room }),
    })),
    slots: seen.slots.map(({ id, role, session, ...rest }) => ({ id, role, session, ...named(rest) })),
    blockers: seen.blockers,
  };
}

function forPeople(key: string, seen: SeenClosely): string[] {
  const { stats } = seen;
  const fields: (readonly [string, string])[] = [
    ['key', key],
    ['state', `${stateOf(seen)}${seen.exclusive ? ', of one process' : ''}`],
    ['depth', `${String(stats.size)} of ${seen.capacity < 0 ? 'any number' : String(seen.capacity)}, overflow ${seen.overflow}`],
    ['in hand', `${String(stats.inHand)}, acknowledged ${seen.acknowledge}`],
    ['dead letters', `${String(seen.letters)} of ${limit(seen.deadLetterCapacity)}, after ${seen.maxDeliveries < 0 ? 'any number of' : String(seen.maxDeliveries)} deliveries`],
    ['producers', `${String(stats.producers)}, of which ${String(seen.waitingProducers)} wait for room; waited ${time(stats.waitedMs)} in all`],
    ['consumers', String(stats.consumers)],
    ['last taken', ago(seen.lastTaken)],
    ['last settled', ago(seen.lastSettled)],
    ['codec', shown(seen.codec)],
    ['lease', `${time(seen.lease)}; anybody was heard of ${ago(seen.silent)}`],
    ['counts', Object.entries(counts(seen)).filter(([name]) => name !== 'waitedMs').map(([name, count]) => `${name} ${String(count)}`).join(', ')],
  ];
  const section = (title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] =>
    rows.length === 0 ? [] : ['', title, ...table(head, rows).map((line) => `  ${line}`)];
  return [
    shown(seen.name, 200),
    ...fields.map(([name, value]) => `  ${name.padEnd(14)}${value}`),
    ...section(
      many(seen.sessions.length, 'session'),
      ['SESSION', 'STATE', 'LEASE LEFT', 'HEARD', 'ENDPOINTS', 'UNREAD'],
      seen.sessions.map((each) => [
        ...[shown(each.id), stateOfSession(each, seen.lease), each.left <= 0 ? 'none' : time(each.left), ago(each.heard)],
        ...[each.endpoints, each.unread],
      ]),
    ),
    ...section(
      many(seen.endpoints.length, 'endpoint'),
      ['ENDPOINT', 'ROLE', 'WORKER', 'IN HAND', 'AHEAD', 'NOW', 'MADE AT'],
      seen.endpoints.map((each) => [
        ...[shown(each.id, 80), each.role, each.worker === false ? '-' : shown(each.worker)],
        ...[each.role === 'consumer' ? String(each.inHand) : '-', String(each.role === 'consumer' ? each.fetched : each.room)],
        ...[each.away ? 'moving' : each.waiting ? (each.role === 'consumer' ? 'waits for an item' : 'waits for room') : '', each.madeAt === false ? '' : shown(each.madeAt)],
      ]),
    ),
    ...section(
      many(seen.slots.length, 'slot'),
      ['SLOT', 'ROLE', 'WORKER', 'MADE AT'],
      seen.slots.map(({ id, role, worker, madeAt }) => [shown(id, 80), role, worker === false ? '-' : shown(worker), madeAt === false ? '' : shown(madeAt)]),
    ),
    ...section(
      'What keeps it from ending',
      ['WHAT', 'WHICH', 'ITEMS', 'WORKER'],
      seen.blockers.map(({ kind, id, items, worker }) => [kind, shown(id, 80), items === undefined ? '' : String(items), worker === undefined ? '' : shown(worker)]),
    ),
  ];
}
