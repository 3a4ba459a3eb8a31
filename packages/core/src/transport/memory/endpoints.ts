import type { EndpointInfo } from '../backend.js';
import type { Registered } from './registered.js';

type Role = 'producer' | 'consumer';

/** Who is open at a queue: its endpoints, wherever they work, and the places kept for others. */
export class Endpoints {
  readonly producers = new Map<string, Registered>();
  readonly consumers = new Map<string, Registered>();
  readonly slots = new Map<string, { readonly role: Role; readonly info: EndpointInfo }>();
  /** Slots included. */
  openProducers = 0;

  private readonly queue: string;
  private readonly onLeave: (role: Role) => void;
  private ids = 0;

  /** @param onLeave - one has been closed. */
  constructor(queue: string, onLeave: (role: Role) => void) {
    this.queue = queue;
    this.onLeave = onLeave;
  }

  nextId(kind: string): string {
    return `${this.queue}/${kind}${String(++this.ids)}`;
  }

  addProducer(producer: Registered): void {
    this.producers.set(producer.id, producer);
    this.openProducers++;
  }

  removeProducer(id: string): void {
    if (!this.producers.delete(id)) return;
    this.openProducers--;
    this.onLeave('producer');
  }

  addConsumer(consumer: Registered): void {
    this.consumers.set(consumer.id, consumer);
  }

  removeConsumer(id: string): void {
    if (this.consumers.delete(id)) this.onLeave('consumer');
  }

  /** A far endpoint takes the place of the one here that it was. */
  replace(role: Role, by: Registered): void {
    (role === 'producer' ? this.producers : this.consumers).set(by.id, by);
  }

  addSlot(id: string, role: Role, info: EndpointInfo): void {
    this.slots.set(id, { role, info });
    if (role === 'producer') this.openProducers++;
  }

  removeSlot(id: string): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    this.slots.delete(id);
    if (slot.role === 'producer') this.openProducers--;
    this.onLeave(slot.role);
  }

  /** Slots included. */
  get openConsumers(): number {
    let open = this.consumers.size;
    for (const slot of this.slots.values()) if (slot.role === 'consumer') open++;
    return open;
  }
}
