import type { StandardSchema } from '../contracts/standard-schema.js';
import type { Propagation } from '../telemetry/propagation.js';
import type { Delivery } from '../queues/delivery.js';

/** What a producer's step returns when it has made nothing. */
export const SKIP = Object.freeze({}) as Skip;
declare const SKIPPED: unique symbol;
/** An object of its own type: that of a symbol would widen when it is taken out of the context. */
export interface Skip {
  readonly [SKIPPED]: true;
}

/** What every loop tells the worker's code. `Report` is what `message` takes, `Started` what `onStart` returned. */
export interface LoopContext<Report = unknown, Started = unknown> {
  /** The worker's id, as in events and `blockers()`. */
  readonly id: string;
  /** Which of its group's workers this is, counted from 0. */
  readonly instance: number;
  /** 1 for the first run, one more for each restart. */
  readonly attempt: number;
  /** Fires when the worker is asked to stop. What is in work is finished all the same. */
  readonly signal: AbortSignal;
  /** What `onStart` returned. */
  readonly started: Started;
  /** Sends a message to the host, which sees it in `messages`. Waits while the host is behind. */
  message(value: Report): Promise<void>;
  /** Stops this worker when what it does now is done. */
  stop(): void;
}

/** `Message` is what the host may send: for generators, whose handler cannot tell. */
export interface ProducerContext<Message = never, Report = unknown, Started = unknown> extends LoopContext<Report, Started> {
  /**
   * Empties the outbox: once this resolves, whoever takes from it gets only what is put from now on. Subscribers keep what
   * they have.
   */
  flush(): Promise<void>;
  /** Return it from `work` to make no item this time. */
  readonly skip: Skip;
  /**
   * Handles what the host sends, where there is no `onMessage` method: in generators, before the first `yield`. As that is
   * run for the first item, an item is made before the first message is handled; a handler that flushes takes it back.
   */
  onMessage(handler: (message: Message) => unknown): void;
}

export interface ConsumerContext<Report = unknown, Started = unknown, T = unknown> extends LoopContext<Report, Started> {
  /** The batch's items with their attempts, in the same order: each can be acked, nacked or rejected by itself. */
  readonly deliveries: readonly Delivery<T>[];
  /** How often this batch has been tried here, from 1. */
  readonly tries: number;
}

/** What a worker's class or object may have besides, and its function as properties. */
export interface WorkerAspects {
  /**
   * What its items have to match. A producer's step that makes another fails with `VALUE_INVALID` as the cause; an item that
   * a consumer is to work on becomes a dead letter.
   */
  readonly itemSchema?: StandardSchema<unknown, unknown> | undefined;
  /** What a message from the host has to match: `send` rejects with `VALUE_INVALID`, and `onMessage` does not hear of it. */
  readonly messageSchema?: StandardSchema<unknown, unknown> | undefined;
  /** Carries a context along with the items that it makes, and runs its work in that of the items that it works on. */
  readonly propagation?: Propagation | undefined;
}

/** What a producer's class or object has. Only `work` must be there. */
export interface ProducerHooks extends WorkerAspects {
  onStart?(args: never, context: never): unknown;
  work(context: never): unknown;
  onMessage?(message: never, context: never): unknown;
  onStop?(context: never): unknown;
}

/** What a consumer's class or object has. Only `work` must be there. */
export interface ConsumerHooks extends WorkerAspects {
  onStart?(args: never, context: never): unknown;
  work(items: never, context: never): unknown;
  onMessage?(message: never, context: never): unknown;
  onStop?(context: never): unknown;
}
