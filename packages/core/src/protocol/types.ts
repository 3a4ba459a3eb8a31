import type { WaitOptions } from '../queues/waits.js';
import type { DIE, DO, FAILED, Failure, FINISHED } from './message.js';

/** Messages of any request with any data: what a conversation carries that names no types. */
export type AnyMessages = Record<string, unknown>;

/** Which requests can be sent, of those that a conversation names: `DIE` goes without saying. */
export type RequestOf<Messages> = Exclude<keyof Messages & string, typeof DIE>;

/** `DIE` has its own way to be sent, also where any string can be. */
export type NotDie<Request extends string> = Request extends typeof DIE ? never : Request;

/** What a request carries. */
export type DataOf<Messages, Request> = Request extends keyof Messages ? Messages[Request] : unknown;

/** What answers a `DO`: the data of `FINISHED`, if a conversation names it. */
export type ReplyOf<Messages> = string extends keyof Messages
  ? // Whoever names no types may expect what he likes.
    unknown
  : typeof FINISHED extends keyof Messages
    ? Messages[typeof FINISHED]
    : undefined;

/** A message that was received. */
export interface ReceivedMessage<Request extends string = string, Data = unknown> {
  readonly id: string;
  readonly request: Request;
  /** The name of the peer that sent it. */
  readonly sender: string;
  /** This peer's name; undefined for mail that was addressed to nobody. */
  readonly recipient: string | undefined;
  /** The id of the message that this one answers. */
  readonly replyTo: string | undefined;
  readonly data: Data;
  /** 1 at first; more when another peer may have begun with it before, or when it comes late. */
  readonly attempt: number;
  readonly redelivered: boolean;
  /**
   * Says that it is processed: in a loop that will be left, so that it does not go to another peer. Harmless when
   * repeated. Throws `MESSAGE_NOT_OPEN` for a `DO`, which has to be answered.
   */
  done(): void;
}

/** A `DO` that was received. It is processed once it is answered, and not before. */
export interface ReceivedDo<Data = unknown, Reply = unknown> extends ReceivedMessage<typeof DO, Data> {
  /**
   * Answers it: its sender gets a `FINISHED` with the data. Never waits for room. Rejects with `MESSAGE_NOT_OPEN` if it was
   * answered before, `VALUE_NOT_CLONEABLE`, `ENDPOINT_CLOSED`, `ENDPOINT_LOST`.
   */
  finish(...data: Optional<Reply>): Promise<void>;
  /** Answers it with an error, of which name, message, code and stack are kept. Rejects as `finish` does. */
  fail(error: unknown): Promise<void>;
}

/** What may be left out where it may be undefined. */
type Optional<Value> = undefined extends Value ? [data?: Value] : [data: Value];

/** What a peer receives, told apart by `request`, when `Out` is what it sends itself (the answers to a `DO` are among it). */
export type Received<In, Out = In> = string extends keyof In
  ? // Without types every message can be answered; what is no `DO` refuses.
    ReceivedMessage & Pick<ReceivedDo, 'finish' | 'fail'>
  :
      | {
          [Request in keyof In & string]: Request extends typeof DO
            ? ReceivedDo<In[Request], ReplyOf<Out>>
            : ReceivedMessage<Request, In[Request]>;
        }[RequestOf<In>]
      | (typeof FINISHED extends keyof In ? never : ReceivedMessage<typeof FINISHED, undefined>)
      | ReceivedMessage<typeof FAILED, Failure>;

/** Accepts or leaves a message; one that narrows the type narrows what is received. */
export interface ReceiveOptions<Messages> extends WaitOptions {
  /**
   * Takes only what it accepts; the rest stays where it is, in order. May be called more than once for a message, and with
   * one that another peer gets in the end. What it throws rejects this receive, and nothing is lost.
   */
  readonly where?: ((message: Messages) => boolean) | undefined;
}

/** Whom a message is for: one peer, some, or all others. Left out: whoever takes it first. */
export type Recipients = string | readonly string[];

export type SendOptions<Data> = WaitOptions & {
  readonly to?: Recipients | undefined;
} & (undefined extends Data ? { readonly data?: Data } : { readonly data: Data });

/** Options may be left out where nothing in them is needed. */
export type SendArgs<Data> = undefined extends Data ? [options?: SendOptions<Data>] : [options: SendOptions<Data>];

/** What a peer tells by itself. */
export interface PeerEvents {
  /** A message of this peer's was not processed, and nobody waits to hear of it: not one of `request`. */
  undelivered: {
    readonly id: string;
    readonly request: string;
    readonly recipient: string;
    readonly code: string;
    readonly reason: string;
  };
  /** Another peer has left the conversation. */
  left: { readonly name: string };
}
