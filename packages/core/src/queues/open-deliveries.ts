import type { Taken } from '../transport/backend.js';
import { Delivery, type Holder } from './delivery.js';
import type { IterationOwner } from './iteration.js';

/** The deliveries that an iteration has given and that are not settled. */
export class OpenDeliveries<T, In> implements Holder {
  private readonly endpoint: IterationOwner;
  private readonly onLast: () => void;
  private readonly open = new Set<Delivery<unknown>>();

  /** @param onLast - the last one was settled. */
  constructor(endpoint: IterationOwner, onLast: () => void) {
    this.endpoint = endpoint;
    this.onLast = onLast;
  }

  get backend(): IterationOwner['backend'] {
    return this.endpoint.backend;
  }

  get runtime(): IterationOwner['runtime'] {
    return this.endpoint.runtime;
  }

  get size(): number {
    return this.open.size;
  }

  add(taken: Taken): Delivery<T, In> {
    const delivery = new Delivery<T, In>(this, taken);
    this.open.add(delivery);
    return delivery;
  }

  released(delivery: Delivery<unknown>): void {
    this.open.delete(delivery);
    if (this.open.size === 0) this.onLast();
  }

  /** The endpoint closes. */
  giveAllBack(): void {
    for (const delivery of this.open) {
      this.endpoint.backend.giveBack(delivery.taken, true);
      delivery.revoke();
    }
    this.open.clear();
  }
}
