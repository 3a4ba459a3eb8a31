import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';
import { CheckedProducer } from './checked-producer.js';
import { ConsumerRelay } from './consumer-relay.js';
import type { Contract } from './contract.js';

/** A consumer of items that need no check, whose deliveries put items that do: see `delivery.put`. */
export class CheckedLoop extends ConsumerRelay {
  private readonly contract: Contract;
  private looping: ProducerBackend | undefined;

  constructor(inner: ConsumerBackend, contract: Contract) {
    super(inner);
    this.contract = contract;
  }

  override loop(): ProducerBackend {
    return (this.looping ??= new CheckedProducer(this.inner.loop(), this.contract));
  }
}
