import type { ItemHeaders } from '@millrace/core';
import type { Packed } from '@millrace/core/channels';

/** An error among the arguments, which is to arrive whole. */
export interface Reason {
  readonly reason: Packed;
}

/** What the host asks of a thread that holds an endpoint. */
export interface Call {
  readonly n: number;
  /** The endpoint (0), or an iterator or a delivery that the thread has named. */
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

/** Answered at once: shows that the thread has taken all that was posted to it before. */
export interface Ping {
  readonly ping: number;
}

export type ToEndpoint = Call | Abort | Ping;

export interface Answer {
  readonly n: number;
  readonly value?: unknown;
  readonly error?: { readonly code: unknown; readonly message: string; readonly details: unknown; readonly cause: unknown };
}

export interface Pong {
  readonly pong: number;
  /** How many messages of the port channel this thread has posted. */
  readonly posted: number;
}

export type FromEndpoint = Answer | Pong;

/** An iterator that the thread keeps. */
export interface IteratorName {
  readonly iterator: number;
}

/** A delivery that the thread keeps. */
export interface DeliveryName {
  readonly delivery: number;
  readonly value: unknown;
  readonly attempt: number;
  readonly redelivered: boolean;
  readonly moved: boolean;
  readonly headers: ItemHeaders | undefined;
}
