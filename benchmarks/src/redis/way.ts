import type { PayloadName } from '../payloads.js';

/** What one process is told. */
export interface Job {
  readonly way: WayName;
  readonly role: 'produce' | 'consume';
  readonly host: string;
  readonly port: number;
  readonly cluster: boolean;
  /** Queues of a run have names that begin with this one, and a number where there are several topics. */
  readonly queue: string;
  readonly topics: number;
  readonly payload: PayloadName;
  /** Which items a producer puts: from `first` on, every `step`th, up to `items`. */
  readonly first: number;
  readonly step: number;
  readonly items: number;
  /** How many items a consumer takes before it counts. */
  readonly warm: number;
  /** Ms between two items, where they come one by one. */
  readonly pace: number;
}

/** One way of moving items from processes to others, through Redis. */
export interface Way {
  /** Puts the items, and resolves when all are in Redis. `pause` resolves when it is time for the next one. */
  produce(job: Job, items: Iterable<unknown>, pause: (() => Promise<void>) | undefined): Promise<void>;
  /** Takes items until the signal fires (all have come) or the queue has ended, and acknowledges them. */
  consume(job: Job, see: (item: unknown) => void, stop: AbortSignal, ready: () => void): Promise<void>;
}

export const ways = {
  millrace: () => import('./ways/millrace.js').then((found) => found.plain),
  'millrace-ioredis': () => import('./ways/millrace.js').then((found) => found.plainIoredis),
  'millrace-chunks': () => import('./ways/millrace.js').then((found) => found.inChunks),
  'millrace-each': () => import('./ways/millrace.js').then((found) => found.each),
  bullmq: () => import('./ways/bullmq.js').then((found) => found.concurrent),
  'bullmq-one': () => import('./ways/bullmq.js').then((found) => found.single),
  'bee-queue': () => import('./ways/bee-queue.js').then((found) => found.beeQueue),
  'hand-written': () => import('./ways/streams.js').then((found) => found.ioredis),
  'hand-written-node-redis': () => import('./ways/streams.js').then((found) => found.nodeRedis),
  'bare-list': () => import('./ways/list.js').then((found) => found.list),
} satisfies Record<string, () => Promise<Way>>;
export type WayName = keyof typeof ways;
