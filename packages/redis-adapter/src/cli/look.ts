import type { Blocker, QueueSpec, QueueStats } from '@millrace/core';
import type { Connection, Reply } from '../connection/index.js';
import { LAYOUT, LOOK } from '../home/scripts.js';
import { otherLayout } from '../queue/layout.js';
import { blockersFrom, statsFrom } from '../queue/looking.js';
import { unpack } from '../session/wire.js';
import { repeated } from './server.js';

/** A queue as its script tells of it, at one moment. Times in ms; -1 is never, or no limit. */
export interface Seen {
  readonly name: string;
  readonly generation: string;
  readonly codec: string;
  readonly exclusive: boolean;
  /** The plain list that it is, as its home is told of it, or empty. */
  readonly list: string;
  readonly capacity: number;
  readonly overflow: QueueSpec['overflow'];
  readonly acknowledge: QueueSpec['acknowledge'];
  readonly maxDeliveries: number;
  readonly deadLetterCapacity: number;
  readonly lease: number;
  readonly gate: boolean;
  readonly ready: boolean;
  readonly closed: boolean;
  readonly ended: boolean;
  /** Producers that wait for room. */
  readonly waitingProducers: number;
  readonly letters: number;
  readonly sessionCount: number;
  readonly time: number;
  /** How long nobody at all was heard of. */
  readonly silent: number;
  readonly stats: QueueStats;
  readonly lastTaken: number;
  readonly lastSettled: number;
}

export interface SeenSession {
  readonly id: string;
  /** What its lease still has, on the queue's clock. */
  readonly left: number;
  /** How long ago it was heard of. */
  readonly heard: number;
  readonly endpoints: number;
  readonly unread: number;
  readonly owner: boolean;
}

export interface SeenEndpoint {
  readonly id: string;
  readonly role: 'producer' | 'consumer';
  readonly session: string;
  readonly worker: string | false;
  readonly madeAt: string | false;
  readonly away: boolean;
  readonly inHand: number;
  readonly fetched: number;
  readonly waiting: boolean;
  readonly room: number;
}

export interface SeenSlot {
  readonly id: string;
  readonly role: 'producer' | 'consumer';
  readonly session: string;
  readonly worker: string | false;
  readonly madeAt: string | false;
}

export interface SeenClosely extends Seen {
  readonly sessions: readonly SeenSession[];
  readonly endpoints: readonly SeenEndpoint[];
  readonly slots: readonly SeenSlot[];
  readonly blockers: readonly Blocker[];
}

/** Of a queue that another release made no more is known. */
export interface Strange {
  readonly name: string;
  readonly version: number;
}

export interface SeenLetters {
  readonly codec: string;
  readonly total: number;
  /** Id, attempts, when, how many bytes its item has, and its reason. */
  readonly letters: readonly (readonly [string, number, number, number, number])[];
  readonly bytes: Buffer;
}

/** Undefined where there is no queue. */
export async function glance(connection: Connection, key: string): Promise<Seen | Strange | undefined> {
  const [status, first, second] = await ask(connection, key, 'list');
  if (status === 3) return undefined;
  if (status === 4) return { name: String(second), version: first as number };
  return seenFrom(first as Buffer);
}

export function isStrange(seen: Seen | Strange): seen is Strange {
  return 'version' in seen;
}

export async function lookClosely(connection: Connection, key: string): Promise<SeenClosely | undefined> {
  const reply = await ask(connection, key, 'show');
  if (reply[0] === 3) return undefined;
  const seen = seenFrom(known(reply) as Buffer) as SeenClosely;
  // An empty Lua table is an empty list, and it may have been packed as a map.
  const list = <T>(from: unknown): readonly T[] => (Array.isArray(from) ? (from as readonly T[]) : []);
  return {
    ...seen,
    sessions: list(seen.sessions),
    endpoints: [...list<SeenEndpoint>(seen.endpoints)].sort(byId),
    slots: [...list<SeenSlot>(seen.slots)].sort(byId),
    blockers: blockersFrom(list(seen.blockers)),
  };
}

export async function lettersOf(connection: Connection, key: string, most: number): Promise<SeenLetters | undefined> {
  const reply = await ask(connection, key, 'letters', String(most === Infinity ? -1 : most));
  if (reply[0] === 3) return undefined;
  const found = unpack(known(reply) as Buffer) as SeenLetters;
  return { ...found, letters: Array.isArray(found.letters) ? found.letters : [], bytes: reply[2] as Buffer };
}

function ask(connection: Connection, key: string, ...args: string[]): Promise<readonly [number, ...Reply[]]> {
  const [what = '', ...more] = args;
  return repeated(() => connection.run(LOOK, [key], [what, String(LAYOUT), ...more])) as Promise<readonly [number, ...Reply[]]>;
}

function known([status, first, second]: readonly [number, ...Reply[]]): Reply {
  if (status === 4) throw otherLayout(String(second), first as number);
  return first ?? null;
}

function seenFrom(bytes: Buffer): Seen {
  const seen = unpack(bytes) as Omit<Seen, 'stats'> & { stats: number[] };
  return { ...seen, stats: statsFrom(seen.stats) };
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
