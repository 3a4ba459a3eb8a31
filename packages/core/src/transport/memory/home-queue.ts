import { MillraceError } from '../../errors/error.js';
import { queueClosed } from '../../errors/queue-closed.js';
import type {
  Blocker,
  ConsumerBackend,
  DeadLetterBackend,
  EndpointInfo,
  GateBackend,
  ProducerBackend,
  QueueBackend,
  QueueEvents,
  QueueStats,
  SlotBackend,
} from '../backend.js';
import type { Home } from './home.js';
import { blockersOf, statsOf } from './looking.js';
import { HomeConsumer } from './home-consumer.js';
import { checkLeave, HomeProducer } from './home-producer.js';

/** A queue whose home is in this process. */
export class HomeQueue implements QueueBackend {
  readonly home: Home;
  readonly deadLetters: DeadLetterBackend;
  readonly gate: GateBackend | undefined;

  constructor(home: Home) {
    this.home = home;
    this.deadLetters = home.deadLetters;
    this.gate = home.gate;
  }

  openProducer(info: EndpointInfo): ProducerBackend {
    this.check();
    if (this.home.closed) throw queueClosed(this.home.spec.name);
    return new HomeProducer(this.home, { ...info });
  }

  openConsumer(info: EndpointInfo): ConsumerBackend {
    this.check();
    return new HomeConsumer(this.home, { ...info });
  }

  openSlot(role: 'producer' | 'consumer', info: EndpointInfo): SlotBackend {
    this.check();
    const { home } = this;
    if (role === 'producer' && home.closed) throw queueClosed(this.home.spec.name);
    const id = home.endpoints.nextId('s');
    home.endpoints.addSlot(id, role, info);
    const checkOpen = (): void => {
      this.check();
      if (!home.endpoints.slots.has(id))
        throw new MillraceError('ENDPOINT_CLOSED', `Slot ${id} was given up: no worker can start with it.`, { slot: id });
    };
    return {
      id,
      role,
      checkMint: (via) => {
        checkOpen();
        checkLeave(home, id, via);
      },
      mint: (minted) => {
        checkOpen();
        const both = { ...info, ...minted };
        // The slot is open, and so a closed queue still takes its producers.
        return role === 'producer' ? new HomeProducer(home, both) : new HomeConsumer(home, both);
      },
      close: () => {
        home.endpoints.removeSlot(id);
      },
    };
  }

  close(): void {
    this.home.close();
  }

  clear(): number | Promise<number> {
    return this.home.clear();
  }

  join(): Promise<void> | undefined {
    return this.home.join();
  }

  whenEnded(): Promise<void> | undefined {
    return this.home.whenEnded();
  }

  stats(): QueueStats {
    return statsOf(this.home);
  }

  blockers(): Blocker[] {
    return blockersOf(this.home);
  }

  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void {
    return this.home.events.on(type, listener);
  }

  dispose(error: MillraceError): void {
    this.home.dispose(error);
  }

  private check(): void {
    if (this.home.disposed !== undefined) throw this.home.disposed;
  }
}
