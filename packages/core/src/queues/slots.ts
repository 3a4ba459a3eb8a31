import type { CheckAt } from '../contracts/queue-contract.js';
import type { Departure, EndpointToken, SlotBackend } from '../transport/backend.js';
import { type ACCEPTS, asyncDispose, DEPART, type GIVES, type Traveller } from './travel.js';

/** Keeps a place in a queue for a worker that may be restarted: each start takes a fresh endpoint from it. */
export abstract class Slot implements Traveller {
  protected readonly backend: SlotBackend;
  private readonly check: CheckAt | undefined;

  /** @internal Use `queue.producerSlot()` or `queue.consumerSlot()`. */
  constructor(backend: SlotBackend, check?: CheckAt) {
    this.backend = backend;
    this.check = check;
  }

  get id(): string {
    return this.backend.id;
  }

  /** Gives the place up: no further worker will start with it. Harmless when repeated. */
  close(): void {
    this.backend.close();
  }

  [asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** @internal */
  [DEPART](via: Departure): EndpointToken;
  [DEPART](via: Departure, only: 'check'): undefined;
  [DEPART](via: Departure, only?: 'check'): EndpointToken | undefined {
    if (only === 'check') {
      this.backend.checkMint(via);
      return undefined;
    }
    const endpoint = this.backend.mint({ worker: via.worker });
    if (endpoint.depart === undefined) throw new Error('unreachable: a transport with slots has workers');
    const token = endpoint.depart(via);
    return this.check === undefined ? token : { ...token, check: this.check };
  }
}

/**
 * In a worker's arguments, becomes a producer endpoint at each start. The queue does not end before the slot is closed,
 * however often its workers come and go.
 */
export class ProducerSlot<T> extends Slot {
  declare readonly [ACCEPTS]: (item: T) => void;
}

/** In a worker's arguments, becomes a consumer endpoint at each start. */
export class ConsumerSlot<T> extends Slot {
  declare readonly [GIVES]: () => T;
}
