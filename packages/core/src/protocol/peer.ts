import type { MessageSchemas } from '../contracts/message-contract.js';
import type { Runtime } from '../runtime/runtime.js';
import { asyncDispose, type Compound, DISMANTLE, type Dismantled } from '../queues/travel.js';
import type { WaitOptions } from '../queues/waits.js';
import { PEER } from './kinds.js';
import type { DIE } from './message.js';
import { Correspondent } from './peer/correspondent.js';
import type { Receiving } from './peer/inbox.js';
import type { Sending } from './peer/outbox.js';
import type { PeerParts } from './peer/parts.js';
import type {
  AnyMessages,
  DataOf,
  NotDie,
  PeerEvents,
  Received,
  ReceiveOptions,
  Recipients,
  ReplyOf,
  RequestOf,
  SendArgs,
} from './types.js';

/** Types only: which messages a peer speaks. Without it a peer of one conversation would pass for one of another. */
declare const SPEAKS: unique symbol;

/**
 * A participant of a {@link Conversation}, made by `conversation.peer()`. It is used where it was made, or handed to a worker
 * in its arguments. Sends and receives messages: to one peer, to some, to all, or to whoever takes them first.
 *
 * A message that was received is processed, and `join()` waits no longer for it: at once if a lone `receive()` gave it; when
 * the loop asks for the next if `for await` did; and in both cases, if it is a `DO`, not before it is answered.
 *
 * @example
 * ```ts run
 * import { Conversation, DO, memory } from '@millrace/core';
 *
 * const conversation = new Conversation<{ DO: number; FINISHED: number }>({ transport: memory() });
 * const boss = conversation.peer('boss');
 * const clerk = conversation.peer('clerk');
 *
 * async function work() {
 *   for await (const message of clerk) if (message.request === DO) await message.finish(message.data * 2);
 * }
 *
 * const working = work();
 * console.log(await boss.request(21)); // prints: 42
 * console.log(await boss.request(4, { to: 'clerk' })); // prints: 8
 * await boss.send('DIE', { to: 'all' });
 * await working;
 * ```
 */
export class Peer<Messages extends object = AnyMessages> implements Compound, AsyncIterable<Received<Messages>> {
  declare readonly [SPEAKS]: (messages: Messages) => Messages;
  readonly #self: Correspondent;

  /** @internal Use `conversation.peer()`. */
  constructor(self: Correspondent) {
    this.#self = self;
  }

  /** Its name in the conversation: what others write to. */
  get name(): string {
    return this.#self.name;
  }

  /** Fires when another peer tells this one to die. A worker that was given it is asked to stop by that. */
  get signal(): AbortSignal {
    return this.#self.signal;
  }

  /**
   * Checks messages by these schemas from now on: where the peer's conversation says, or else when they are sent. For peers
   * in a worker's arguments: the schemas of their conversation stay behind. Returns this peer. Throws `BAD_OPTION`.
   */
  checked(schemas: MessageSchemas<Messages>): this {
    this.#self.check(schemas);
    return this;
  }

  /**
   * Sends a message, and resolves with its id when it is under way. Without `to` exactly one other peer gets it, whichever
   * takes it first; with names, each of them gets a copy; with `'all'`, all others that are there. Waits only while
   * `capacity` messages of this peer to the same recipient have not been received.
   *
   * `DIE` needs a `to`: whoever gets it receives no more, before any other mail.
   *
   * Rejects with `VALUE_INVALID` (where it is checked), `PEER_UNKNOWN`, `PEER_GONE` (the others of a list get their copies), `BAD_OPTION`, `VALUE_NOT_CLONEABLE`,
   * `MESSAGE_MALFORMED`, `ABORTED` and `TIMED_OUT` (nothing was sent), `CONVERSATION_CLOSED`, `ENDPOINT_CLOSED`,
   * `ENDPOINT_LOST`, `ENDPOINT_MOVED`.
   */
  send(request: typeof DIE, options: WaitOptions & { readonly to: Recipients; readonly data?: unknown }): Promise<string>;
  send<Request extends RequestOf<Messages>>(request: NotDie<Request>, ...options: SendArgs<DataOf<Messages, Request>>): Promise<string>;
  send(request: string, options: Sending = {}): Promise<string> {
    return this.#self.outbox.send(request, options);
  }

  /**
   * Sends a `DO` and resolves with what it is answered. Without `to` any one peer may do it.
   *
   * Rejects with the error that the other side failed with; with `PEER_GONE` when the peer it was for leaves without an
   * answer (of what anybody may do, another takes over); with `TIMED_OUT` and `ABORTED`, when it may still be worked on if
   * `details.sent` is true; and as `send` does.
   */
  request(data: DataOf<Messages, 'DO'>, options: WaitOptions & { readonly to?: string | undefined } = {}): Promise<ReplyOf<Messages>> {
    return this.#self.outbox.request(data, options) as Promise<ReplyOf<Messages>>;
  }

  /**
   * Receives one message, waiting for it: what is addressed to this peer comes first. With `where`, the first that it
   * accepts.
   *
   * Rejects with `TIMED_OUT` and `ABORTED` (no message is lost by it), with what `where` throws, with `TOLD_TO_DIE`,
   * `CONVERSATION_CLOSED`, `MESSAGE_TOO_NEW` and `MESSAGE_MALFORMED` (for that message only), `ENDPOINT_CLOSED`,
   * `ENDPOINT_LOST`, `ENDPOINT_MOVED`.
   */
  receive<Narrow extends Received<Messages>>(options: WaitOptions & { readonly where: (message: Received<Messages>) => message is Narrow }): Promise<Narrow>;
  receive(options?: ReceiveOptions<Received<Messages>>): Promise<Received<Messages>>;
  receive(options: object = {}): Promise<unknown> {
    return this.#self.inbox.receive(options);
  }

  /** Receives a message if there is one now; undefined if not. Asks the conversation, but waits for nobody. */
  tryReceive(options: Pick<ReceiveOptions<Received<Messages>>, 'where'> = {}): Promise<Received<Messages> | undefined> {
    return this.#self.inbox.tryReceive(options as Receiving) as Promise<unknown> as Promise<Received<Messages> | undefined>;
  }

  /**
   * Iterates over messages until this peer is told to die or the conversation is closed; with a predicate, a signal and a
   * time-out in ms for each wait. A loop that is left early gives back what it has in hand, if it was addressed to nobody and
   * is no `DO`; call `message.done()` first where that is not meant.
   */
  messages(options: ReceiveOptions<Received<Messages>> = {}): AsyncIterableIterator<Received<Messages>, undefined> {
    return this.#self.inbox.loop(options as Receiving) as AsyncIterableIterator<unknown, undefined> as AsyncIterableIterator<Received<Messages>, undefined>;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Received<Messages>, undefined> {
    return this.messages();
  }

  /** Whether nothing is outstanding in the whole conversation: every message that was sent is processed. */
  isEmpty(): Promise<boolean> {
    return this.#self.isEmpty();
  }

  /** Resolves when nothing is outstanding in the whole conversation. Rejects as waits do; nothing is lost by it. */
  join(options: WaitOptions = {}): Promise<void> {
    return this.#self.join(options);
  }

  /** Listens until the returned function is called. */
  on<Type extends keyof PeerEvents>(type: Type, listener: (event: PeerEvents[Type]) => void): () => void {
    return this.#self.events.on(type, listener);
  }

  /**
   * Leaves the conversation. What this peer had received of mail to nobody and not finished goes to others; senders of mail
   * that was addressed to it are told. Waits here fail with `ENDPOINT_CLOSED`. Closing twice is harmless.
   */
  close(): Promise<void> {
    return this.#self.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  [DISMANTLE](): Dismantled {
    return { kind: PEER, ...this.#self.dismantle() };
  }
}

/** Puts a peer together where it has arrived. */
export function assemblePeer(parts: PeerParts, runtime: Runtime): Peer {
  return new Peer(new Correspondent(parts, runtime));
}
