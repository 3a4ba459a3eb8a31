import type { CheckMessages, MessageSchemas } from '../contracts/message-contract.js';
import { asyncDispose } from '../queues/travel.js';
import type { WaitOptions } from '../queues/waits.js';
import type { Transport } from '../transport/transport.js';
import { type ConversationEvents, type ConversationStats, Hub } from './hub.js';
import { Peer } from './peer.js';
import { PeerSlot } from './peer-slot.js';
import type { AnyMessages } from './types.js';

export interface ConversationOptions<Messages = AnyMessages> {
  /** Where its peers can be: `memory()`, `workerThreads()`, or another package's. */
  readonly transport: Transport;
  /**
   * How many messages of one peer to another may be under way: sent and not received. Mail to nobody, and copies to all, are
   * counted apart. 1 or more, default 256.
   */
  readonly capacity?: number | undefined;
  /** For its queues, in events and errors. Default: `conversation-` and a number. */
  readonly name?: string | undefined;
  /** Copies what is sent even where the transport could pass references. Default false. */
  readonly clone?: boolean | undefined;
  /**
   * What the data of messages have to match, by request: Standard Schemas, as of zod, valibot or arktype. The types of the
   * messages follow from them. Schemas cannot travel: a worker says them again, by `peer.checked(schemas)`, before it uses its
   * peer (else `SCHEMA_MISSING`). Requests that are not named are not checked. Default: none is.
   */
  readonly schemas?: MessageSchemas<Messages> | undefined;
  /**
   * Where messages are checked. `'send'`: what does not match is `VALUE_INVALID` and not sent. `'receive'`: whoever receives it
   * gets `VALUE_INVALID` in its place, and if it was a `DO` its sender gets that as its answer; these schemas must answer at
   * once. `'both'`: judged by the sender, made into the schema's output by the receiver. Default `'send'`.
   */
  readonly check?: CheckMessages | undefined;
}

/**
 * A conversation of any number of peers, here and in workers. It lives in the process that opened it: mail goes through there.
 *
 * The constructor throws `BAD_OPTION`.
 *
 * @example
 * ```ts run
 * import { Conversation, DO, FINISHED, memory } from '@millrace/core';
 *
 * const conversation = new Conversation<{ DO: string; FINISHED: string }>({ transport: memory() });
 *
 * async function serve(name: string) {
 *   for await (const message of conversation.peer(name))
 *     if (message.request === DO) await message.finish(`${message.data} is done`);
 * }
 *
 * const serving = [serve('ann'), serve('bob')];
 * const boss = conversation.peer('boss');
 * for (const job of ['washing', 'ironing']) await boss.send(DO, { data: job }); // for whoever takes it
 * for await (const message of boss.messages({ where: ({ request }) => request === FINISHED })) {
 *   console.log(message.data);
 *   if (message.data === 'ironing is done') break;
 * }
 * // prints: washing is done
 * // prints: ironing is done
 * await conversation.join();
 * await conversation.close();
 * await Promise.all(serving);
 * ```
 */
export class Conversation<Messages extends object = AnyMessages> {
  readonly #hub: Hub;

  constructor(options: ConversationOptions<Messages>) {
    this.#hub = new Hub(options, 'conversation');
  }

  get name(): string {
    return this.#hub.name;
  }

  /**
   * Makes a peer, for use here or in a worker's arguments. Mail to it is kept from now on. Without a name it gets one:
   * `peer-` and a number. Throws `PEER_NAME_TAKEN`, `BAD_OPTION` (`all` means all peers), `CONVERSATION_CLOSED`,
   * `TRANSPORT_CLOSED`. When a peer has left, its name is free again.
   */
  peer(name?: string): Peer<Messages> {
    return new Peer<Messages>(this.#hub.admit(name));
  }

  /**
   * Keeps a peer's place for workers that are restarted: in a worker's arguments it becomes a fresh peer at each start, with
   * this name or with one of its own. Mail to the name can be sent while a worker has it.
   */
  peerSlot(name?: string): PeerSlot<Messages> {
    return new PeerSlot<Messages>(this.#hub, name);
  }

  /** Whether nothing is outstanding: every message that was sent up to now, wherever its sender is, is processed. */
  isEmpty(): Promise<boolean> {
    return this.#hub.isEmpty();
  }

  /**
   * Resolves when nothing is outstanding: what was sent up to now is processed, and what was sent meanwhile. Rejects with
   * `ABORTED`, `TIMED_OUT`, `CONVERSATION_CLOSED`.
   */
  join(options: WaitOptions = {}): Promise<void> {
    return this.#hub.join(options);
  }

  /** What the conversation has counted up to now. */
  stats(): ConversationStats {
    return this.#hub.stats();
  }

  /** Listens until the returned function is called. */
  on<Type extends keyof ConversationEvents>(type: Type, listener: (event: ConversationEvents[Type]) => void): () => void {
    return this.#hub.events.on(type, listener);
  }

  /**
   * Ends the conversation for all its peers. Their loops end with what they have been sent; other waits, and what follows,
   * fail with `CONVERSATION_CLOSED`. What nobody has taken is given up: `join()` first. Harmless when repeated.
   */
  close(): Promise<void> {
    return this.#hub.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}
