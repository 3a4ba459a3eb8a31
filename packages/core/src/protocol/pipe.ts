import type { Runtime } from '../runtime/runtime.js';
import { asyncDispose, type Compound, DISMANTLE, type Dismantled } from '../queues/travel.js';
import type { WaitOptions } from '../queues/waits.js';
import type { Transport } from '../transport/transport.js';
import { Hub } from './hub.js';
import { PIPE_END } from './kinds.js';
import type { DIE } from './message.js';
import { Correspondent } from './peer/correspondent.js';
import type { Receiving } from './peer/inbox.js';
import type { PeerParts } from './peer/parts.js';
import type { AnyMessages, DataOf, PeerEvents, Received, ReceiveOptions, ReplyOf, RequestOf } from './types.js';

/** Types only. */
declare const SPEAKS: unique symbol;

/** The data of a message may be left out where it may be undefined. */
type PipeArgs<Data> = undefined extends Data ? [data?: Data, options?: WaitOptions] : [data: Data, options?: WaitOptions];

export interface PipeOptions {
  /** Where the pipe lives: `memory()`, `workerThreads()`, or another package's. */
  readonly transport: Transport;
  /** How many messages may be under way in each direction: sent and not received. 1 or more, default 256. */
  readonly capacity?: number | undefined;
  /** For its queues, in events and errors. Default: `pipe-` and a number. */
  readonly name?: string | undefined;
  /** Copies what is sent even where the transport could pass references. Default false. */
  readonly clone?: boolean | undefined;
}

/**
 * One end of a {@link Pipe}: what it sends, the other end receives. It can be handed to a worker in its arguments.
 * What counts as processed is as for a {@link Peer}.
 */
export class PipeEnd<Sends extends object = AnyMessages, Receives extends object = AnyMessages>
  implements Compound, AsyncIterable<Received<Receives, Sends>>
{
  declare readonly [SPEAKS]: (messages: Receives) => Sends;
  readonly #self: Correspondent;
  readonly #other: string;

  /** @internal Use `pipe.parent` and `pipe.child`. */
  constructor(self: Correspondent, other: string) {
    this.#self = self;
    this.#other = other;
  }

  /** `parent` or `child`: the sender of its messages. */
  get name(): string {
    return this.#self.name;
  }

  /** Fires when the other end tells this one to die. A worker that was given it is asked to stop by that. */
  get signal(): AbortSignal {
    return this.#self.signal;
  }

  /**
   * Sends a message to the other end, and resolves with its id when it is under way. Waits only while `capacity` messages
   * have not been received there. After a `DIE` the other end receives no more, before any other mail.
   *
   * Rejects with `PEER_GONE` once the other end is closed, or its worker is gone, and as `peer.send` does.
   */
  send(request: typeof DIE, data?: undefined, options?: WaitOptions): Promise<string>;
  send<Request extends RequestOf<Sends>>(request: Request, ...args: PipeArgs<DataOf<Sends, Request>>): Promise<string>;
  send(request: string, data?: unknown, options: WaitOptions = {}): Promise<string> {
    return this.#self.outbox.send(request, { ...options, data, to: this.#other });
  }

  /** Sends a `DO` and resolves with what the other end answers. Rejects as `peer.request` does. */
  request(data: DataOf<Sends, 'DO'>, options: WaitOptions = {}): Promise<ReplyOf<Receives>> {
    return this.#self.outbox.request(data, { ...options, to: this.#other }) as Promise<ReplyOf<Receives>>;
  }

  /**
   * Receives one message, waiting for it; with `where`, the first that it accepts. Rejects with `PEER_GONE` when the other
   * end is closed and nothing is left, and as `peer.receive` does.
   */
  receive<Narrow extends Received<Receives, Sends>>(
    options: WaitOptions & { readonly where: (message: Received<Receives, Sends>) => message is Narrow },
  ): Promise<Narrow>;
  receive(options?: ReceiveOptions<Received<Receives, Sends>>): Promise<Received<Receives, Sends>>;
  receive(options: object = {}): Promise<unknown> {
    return this.#self.inbox.receive(options);
  }

  /** Receives a message if there is one now; undefined if not. */
  tryReceive(options: Pick<ReceiveOptions<Received<Receives, Sends>>, 'where'> = {}): Promise<Received<Receives, Sends> | undefined> {
    return this.#self.inbox.tryReceive(options as Receiving) as Promise<unknown> as Promise<Received<Receives, Sends> | undefined>;
  }

  /** Iterates over messages until the other end is closed, this one is told to die, or the pipe is closed. */
  messages(options: ReceiveOptions<Received<Receives, Sends>> = {}): AsyncIterableIterator<Received<Receives, Sends>, undefined> {
    const loop: AsyncIterableIterator<unknown, undefined> = this.#self.inbox.loop(options as Receiving);
    return loop as AsyncIterableIterator<Received<Receives, Sends>, undefined>;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Received<Receives, Sends>, undefined> {
    return this.messages();
  }

  /** Whether nothing is outstanding in either direction. */
  isEmpty(): Promise<boolean> {
    return this.#self.isEmpty();
  }

  /** Resolves when nothing is outstanding in either direction. */
  join(options: WaitOptions = {}): Promise<void> {
    return this.#self.join(options);
  }

  /** Listens until the returned function is called. */
  on<Type extends keyof PeerEvents>(type: Type, listener: (event: PeerEvents[Type]) => void): () => void {
    return this.#self.events.on(type, listener);
  }

  /** Closes this end; the other one's loop ends behind what was sent before. Closing twice is harmless. */
  close(): Promise<void> {
    return this.#self.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  [DISMANTLE](): Dismantled {
    return { kind: PIPE_END, ...this.#self.dismantle() };
  }
}

/**
 * A conversation of two: what the parent sends the child receives, and the other way round.
 *
 * The constructor throws `BAD_OPTION`, `CAPABILITY_MISSING`, `TRANSPORT_CLOSED`.
 *
 * @example
 * ```ts run
 * import { DO, memory, Pipe } from '@millrace/core';
 *
 * interface Orders { DO: string }
 * interface Reports { FINISHED: number; PROGRESS: string }
 *
 * const pipe = new Pipe<Orders, Reports>({ transport: memory() });
 *
 * async function child() {
 *   for await (const message of pipe.child) {
 *     if (message.request !== DO) continue;
 *     await pipe.child.send('PROGRESS', `counting ${message.data}`);
 *     await message.finish(message.data.length);
 *   }
 * }
 *
 * const working = child();
 * const length = pipe.parent.request('hello');
 * console.log((await pipe.parent.receive()).data); // prints: counting hello
 * console.log(await length); // prints: 5
 * await pipe.parent.close(); // ends the child's loop
 * await working;
 * ```
 */
export class Pipe<ParentToChild extends object = AnyMessages, ChildToParent extends object = AnyMessages> {
  readonly parent: PipeEnd<ParentToChild, ChildToParent>;
  readonly child: PipeEnd<ChildToParent, ParentToChild>;
  readonly #hub: Hub;

  constructor(options: PipeOptions) {
    const hub = new Hub(options, 'pipe');
    this.#hub = hub;
    this.parent = new PipeEnd(hub.admit('parent', 'child'), 'child');
    this.child = new PipeEnd(hub.admit('child', 'parent'), 'parent');
    hub.endWithLast();
  }

  /** Closes both ends: loops end with what was sent before, other waits fail with `CONVERSATION_CLOSED`. */
  close(): Promise<void> {
    return this.#hub.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Puts an end of a pipe together where it has arrived. */
export function assemblePipeEnd(parts: PeerParts, runtime: Runtime): PipeEnd {
  return new PipeEnd(new Correspondent(parts, runtime), parts.partner!);
}
