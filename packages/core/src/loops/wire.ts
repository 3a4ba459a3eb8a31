import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { BackoffOptions } from './backoff.js';

/** What a host tells a loop, over the worker's channel. */
export type ToLoop =
  | { readonly kind: 'send'; readonly id: number; readonly message: unknown }
  | { readonly kind: 'subscribe'; readonly key: number; readonly out: ProducerEndpoint<unknown> }
  | { readonly kind: 'unsubscribe'; readonly key: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'flushed'; readonly id: number; readonly error?: unknown }
  | { readonly kind: 'ping'; readonly id: number };

/** What a loop tells its host. */
export type FromLoop =
  | { readonly kind: 'ready' }
  | { readonly kind: 'handled'; readonly id: number; readonly error?: unknown }
  | { readonly kind: 'flush'; readonly id: number }
  | { readonly kind: 'unsubscribed'; readonly key: number; readonly error: unknown }
  /** What follows is a failure after which it is not to be started again. */
  | { readonly kind: 'halt' }
  | { readonly kind: 'pong'; readonly id: number };

/** What a worker's work gives, in the order in which it came. */
export interface Report {
  readonly kind: 'result' | 'message' | 'error';
  readonly instance: number;
  readonly value: unknown;
}

/** An error at its place among the items of an outbox. The key is one that no item has by chance. */
export const FAILED = '@millrace/failed';
export interface Failed {
  readonly [FAILED]: unknown;
}

export function isFailed(item: unknown): item is Failed {
  return typeof item === 'object' && item !== null && FAILED in item;
}

interface LoopStart {
  /** What the user gave. */
  readonly args: unknown;
  readonly instance: number;
  readonly attempt: number;
  readonly reports: ProducerEndpoint<Report>;
  /** Messages that were sent before the start. */
  readonly early: readonly { readonly id: number; readonly message: unknown }[];
  /** How long, in ms, a step or a batch may take. */
  readonly timeout: number;
}

/** What a producer's loop is started with. */
export interface ProducerStart extends LoopStart {
  readonly outbox: ProducerEndpoint<unknown> | undefined;
  readonly subscribers: readonly { readonly key: number; readonly out: ProducerEndpoint<unknown> }[];
  readonly interval: number;
  readonly initialDelay: number;
  readonly onError: 'continue' | 'stop' | 'restart';
  readonly backoff: BackoffOptions;
}

/** What a consumer's loop is started with. */
export interface ConsumerStart extends LoopStart {
  readonly input: ConsumerEndpoint<unknown>;
  readonly batchSize: number;
  readonly interval: number;
  readonly concurrency: number;
  readonly retries: number;
  readonly backoff: BackoffOptions;
  readonly then: 'dead-letter' | 'requeue' | 'stop' | 'restart';
}
