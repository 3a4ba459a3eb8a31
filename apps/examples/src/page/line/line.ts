import {
  defineWorker,
  IterableQueue,
  ReadyQueue,
  type Transport,
  type WorkerHandle,
} from '@millrace/core';

import { openWorkers } from './channel.js';
import type { Item, Made, Receipt, Tuning, Worked } from './item.js';
import { Place, type Role } from './place.js';
import type { Settings } from './settings.js';

const producerWorker = defineWorker(
  () => import('./producer.js'),
  () => new Worker(new URL('./producer.worker.js', import.meta.url), { type: 'module' }),
);
const consumerWorker = defineWorker(
  () => import('./consumer.js'),
  () => new Worker(new URL('./consumer.worker.js', import.meta.url), { type: 'module' }),
);

/** What can be seen of a line. */
export interface Watcher {
  readonly changed: (place: Place) => void;
  readonly made: (place: Place, maker: number, made: Made) => void;
  readonly worked: (place: Place, worked: Worked) => void;
  readonly receipt: (receipt: Receipt) => void;
  /** A worker is gone; so many items that it had in hand went back. */
  readonly lost: (role: Role, index: number, returned: number) => void;
}

let makers = 0;

/** Producers, a queue, consumers: the queue lives where this is made, and each of the others is a Web Worker. */
export class Line {
  readonly queue: ReadyQueue<Item>;
  private readonly transport: Transport;
  private readonly receipts: IterableQueue<Receipt>;
  private readonly watcher: Watcher;
  private readonly places: Record<Role, Place[]> = { producer: [], consumer: [] };
  private settings: Settings;
  private paused = false;

  constructor(settings: Settings, watcher: Watcher) {
    const { capacity, overflow, channel } = settings;
    const transport = (this.transport = openWorkers(channel));
    this.settings = settings;
    this.watcher = watcher;
    this.queue = new ReadyQueue<Item>({ transport, name: 'items', capacity, overflow });
    this.receipts = new IterableQueue<Receipt>({ transport, name: 'receipts' });
    this.queue.on('endpoint-lost', ({ role, worker = '', returned }) => {
      watcher.lost(role, indexOf(worker), returned);
    });
    void this.read();
    this.fill();
  }

  /** Changes what can be changed while it runs. Answers false if that would take another queue. */
  tune(settings: Settings): boolean {
    const { capacity, overflow, channel } = this.settings;
    if (settings.capacity !== capacity || settings.overflow !== overflow) return false;
    if (settings.channel !== channel) return false;
    this.settings = settings;
    this.retune();
    return true;
  }

  /** Lets the producers rest, or go on. */
  pause(paused: boolean): void {
    this.paused = paused;
    this.retune();
  }

  /** Ends a worker: this one, or any that works. Answers whether there was one. */
  crash(role: Role, index: number | undefined): boolean {
    const working = this.places[role].filter(({ state }) => state === 'working');
    const place =
      index === undefined
        ? working[Math.floor(Math.random() * working.length)]
        : this.places[role][index];
    return place?.crash() ?? false;
  }

  /** Ends all. */
  async close(): Promise<void> {
    for (const role of ['producer', 'consumer'] as const)
      for (const place of this.places[role]) place.leave();
    await this.transport.close();
  }

  private retune(): void {
    this.fill();
    for (const role of ['producer', 'consumer'] as const)
      for (const place of this.places[role]) place.tune(this.tuning(role));
  }

  private fill(): void {
    const { producers, consumers } = this.settings;
    this.scale('producer', producers);
    this.scale('consumer', consumers);
  }

  private scale(role: Role, count: number): void {
    const places = this.places[role];
    for (const place of places.splice(count)) place.leave();
    for (let index = places.length; index < count; index++)
      places.push(
        new Place(
          role,
          index,
          role === 'producer' ? this.startProducer : this.startConsumer,
          this.watcher.changed,
        ),
      );
  }

  private tuning(role: Role): Tuning {
    const { making, working, batch } = this.settings;
    return { rate: role === 'consumer' ? working : this.paused ? 0 : making, batch };
  }

  private readonly startProducer = (place: Place): WorkerHandle<unknown> => {
    const maker = makers++;
    const worker = this.transport.start(
      producerWorker,
      { out: this.queue.producer(), maker, tuning: this.tuning('producer') },
      { name: nameOf(place) },
    );
    worker.channel.listen((made) => {
      this.watcher.made(place, maker, made as Made);
    });
    return worker;
  };

  private readonly startConsumer = (place: Place): WorkerHandle<unknown> => {
    const worker = this.transport.start(
      consumerWorker,
      {
        source: this.queue.consumer(),
        receipts: this.receipts.producer(),
        tuning: this.tuning('consumer'),
      },
      { name: nameOf(place) },
    );
    worker.channel.listen((worked) => {
      this.watcher.worked(place, worked as Worked);
    });
    return worker;
  };

  private async read(): Promise<void> {
    try {
      for await (const receipt of this.receipts.consumer()) this.watcher.receipt(receipt);
    } catch {
      // The line was closed.
    }
  }
}

function nameOf({ role, index, turn }: Place): string {
  return `${role} ${String(index)}.${String(turn)}`;
}

/** Of a worker by its name. */
function indexOf(name: string): number {
  return Number(/\d+/.exec(name));
}
