import type { Packed } from '../../channels/values/errors.js';
import type { ItemHeaders } from '../../transport/backend.js';

/** An error among the arguments, which is to arrive whole. */
export interface Reason {
  readonly reason: Packed;
}

/** What the host asks of a worker that holds an endpoint. */
export interface Call {
  readonly n: number;
  /** The endpoint (0), or an iterator or a delivery that the worker has named. */
  readonly on: number;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Set when the options, the last argument, had a signal. */
  readonly signal?: number;
}

export interface Abort {
  readonly abort: number;
  readonly reason: unknown;
}

/** Answered at once: shows that the worker has taken all that was posted to it before. */
export interface Ping {
  readonly ping: number;
}

export type ToEndpoint = Call | Abort | Ping;

export interface Answer {
  readonly n: number;
  readonly value?: unknown;
  readonly error?: {
    readonly code: unknown;
    readonly message: string;
    readonly details: unknown;
    readonly cause: unknown;
  };
}

export interface Pong {
  readonly pong: number;
  /** How many messages of the port channel there were in the worker. */
  readonly traffic: number;
}

export type FromEndpoint = Answer | Pong;

/** An iterator that the worker keeps. */
export interface IteratorName {
  readonly iterator: number;
}

/** A delivery that the worker keeps. */
export interface DeliveryName {
  readonly delivery: number;
  readonly value: unknown;
  readonly attempt: number;
  readonly redelivered: boolean;
  readonly moved: boolean;
  readonly headers: ItemHeaders | undefined;
}
