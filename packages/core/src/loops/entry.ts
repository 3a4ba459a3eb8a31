import type { StandardSchema } from '../contracts/standard-schema.js';
import type { ConsumerContext, ConsumerHooks, ProducerContext, ProducerHooks, Skip } from './context.js';

/** What a producer's module may export by default: a class, an object, or a generator function. */
export type ProducerEntry =
  | (new (args: never) => ProducerHooks)
  | ProducerHooks
  | ((args: never, context: never) => AsyncIterable<unknown> | Iterable<unknown>);

/** What a consumer's module may export by default: a class, an object, or a function from items to a result. */
export type ConsumerEntry = (new (args: never) => ConsumerHooks) | ConsumerHooks | ((items: never, context: never) => unknown);

type Instance<Entry> = Entry extends abstract new (...args: never[]) => infer Made ? Made : Entry;
type Known<T> = unknown extends T ? undefined : T;

/** What the host gives when it starts a consumer: what `onStart` takes, or the constructor. */
export type ConsumerArgs<Entry> =
  Instance<Entry> extends { onStart(args: infer Args, ...rest: never[]): unknown }
    ? Known<Args>
    : Entry extends new (args: infer Args, ...rest: never[]) => unknown
      ? Known<Args>
      : undefined;

/** What the host gives when it starts a producer: the same, or what its generator function takes. */
export type ProducerArgs<Entry> = Entry extends (args: infer Args, ...rest: never[]) => AsyncIterable<unknown> | Iterable<unknown>
  ? Known<Args>
  : ConsumerArgs<Entry>;

/** What a producer makes: what its schema gives, if it has one. */
export type ItemOf<Entry> = Instance<Entry> extends { readonly itemSchema: StandardSchema<unknown, infer Item> } ? Item : MadeBy<Entry>;

type MadeBy<Entry> =
  Instance<Entry> extends { work(...args: never[]): infer Made }
    ? Exclude<Awaited<Made>, Skip>
    : Entry extends (...args: never[]) => AsyncIterable<infer Item> | Iterable<infer Item>
      ? Exclude<Item, Skip>
      : never;

/** What a worker can be sent: what its schema for messages takes, if it has one. */
export type MessageOf<Entry> = Instance<Entry> extends { readonly messageSchema: StandardSchema<infer Message, unknown> } ? Message : HandledBy<Entry>;

type HandledBy<Entry> =
  Instance<Entry> extends { onMessage(message: infer Message, ...rest: never[]): unknown }
    ? Message
    : ContextOf<Entry> extends ProducerContext<infer Message, infer _Report, infer _Started>
      ? Message
      : never;

/** What a function declares as its second parameter, if it has one. */
type ContextOf<Entry> = Entry extends (...all: infer All) => unknown ? (All extends [unknown, infer Context] ? Context : undefined) : undefined;

/** What a consumer works on: what its schema takes, if it has one. */
export type WorkedOf<Entry> = Instance<Entry> extends { readonly itemSchema: StandardSchema<infer Item, unknown> } ? Item : WorkedBy<Entry>;

type WorkedBy<Entry> =
  Instance<Entry> extends { work(items: readonly (infer Item)[], ...rest: never[]): unknown }
    ? Item
    : Entry extends (items: readonly (infer Item)[], ...rest: never[]) => unknown
      ? Item
      : never;

/** What a consumer's `work` gives for a batch. */
export type WorkResult<Entry> =
  Instance<Entry> extends { work(...args: never[]): infer Result }
    ? Awaited<Result>
    : Entry extends (...args: never[]) => infer Result
      ? Awaited<Result>
      : never;

/** What the worker's `context.message` takes, if its context says so. */
export type ReportOf<Entry> =
  Instance<Entry> extends { work(context: ProducerContext<never, infer Report>): unknown }
    ? Report
    : Instance<Entry> extends { work(items: never, context: ConsumerContext<infer Report>): unknown }
      ? Report
      : Entry extends (first: never, context: ProducerContext<never, infer Report>) => unknown
        ? Report
        : Entry extends (first: never, context: ConsumerContext<infer Report>) => unknown
          ? Report
          : unknown;
