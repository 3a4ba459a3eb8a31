import { MillraceError } from '../errors/error.js';
import { asyncDispose, type Compound, DISMANTLE, type Dismantled } from '../queues/travel.js';
import type { Hub } from './hub.js';
import { PEER } from './kinds.js';

/** Types only. */
declare const SPEAKS: unique symbol;

/**
 * In a worker's arguments, becomes a {@link Peer} at each start: for workers that are restarted. With a name, each worker
 * takes over the name of the one before, and mail that it had not finished is dealt with as ever.
 */
export class PeerSlot<Messages extends object> implements Compound {
  declare readonly [SPEAKS]: (messages: Messages) => Messages;
  readonly #hub: Hub;
  /** The name of its peers; undefined when each gets one of its own. */
  readonly name: string | undefined;
  #closed = false;

  /** @internal Use `conversation.peerSlot()`. */
  constructor(hub: Hub, name: string | undefined) {
    this.#hub = hub;
    this.name = name;
  }

  /** Gives it up: no further worker will start with it. Harmless when repeated. */
  close(): void {
    this.#closed = true;
  }

  [asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** @internal */
  [DISMANTLE](): Dismantled {
    if (this.#closed)
      throw new MillraceError('ENDPOINT_CLOSED', `The slot of peer "${this.name ?? 'any'}" is closed: no worker starts with it any more.`);
    if (this.name !== undefined) this.#hub.forgetLost(this.name);
    const peer = this.#hub.admit(this.name);
    const { parts, settle } = peer.dismantle();
    return {
      kind: PEER,
      parts,
      settle: (left) => {
        settle(left);
        if (!left) void peer.close();
      },
    };
  }
}
