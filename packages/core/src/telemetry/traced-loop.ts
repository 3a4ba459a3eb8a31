import { ConsumerRelay } from '../contracts/consumer-relay.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';
import type { Propagation } from './propagation.js';
import { TracedProducer } from './traced-producer.js';

/** A consumer whose deliveries put items with the context of now: see `delivery.put`. */
export class TracedLoop extends ConsumerRelay {
  private readonly propagation: Propagation;
  private looping: ProducerBackend | undefined;

  constructor(inner: ConsumerBackend, propagation: Propagation) {
    super(inner);
    this.propagation = propagation;
  }

  override loop(): ProducerBackend {
    return (this.looping ??= new TracedProducer(this.inner.loop(), this.propagation));
  }
}
