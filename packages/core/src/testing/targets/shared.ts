import { type Bells, isShared, type Listening, reviveShared, SharedQueue } from '../../channels/shared/index.js';
import type { Words } from '../../channels/shared/words.js';
import { systemRuntime } from '../../runtime/runtime.js';
import type { FixtureOptions, TransportUnderTest } from '../target.js';
import { type Homes, linksTarget } from './links.js';
import { simulatedWires } from './simulated.js';

/**
 * Queues in shared memory under test, with all threads in this one: bells ring in an order of the schedule's own.
 *
 * @param options - `bytes` for each queue's items: with few, most of them go by the host
 */
export function sharedMemoryTarget(options: { readonly runs?: number; readonly bytes?: number } = {}): TransportUnderTest {
  const name = options.bytes === undefined ? 'shared memory' : `shared memory of ${String(options.bytes)} bytes`;
  return linksTarget(name, simulatedWires, { ...options, homes: (given) => sharedHomes(given, options.bytes) });
}

function sharedHomes(given: FixtureOptions, bytes: number | undefined): Homes {
  const bells = new TestBells(given.schedule);
  return {
    open: (spec, clock) => {
      // Time stands still here, unless a test says otherwise: nothing waits for room.
      const queue = new SharedQueue(spec, clock, { bells, bytes, patience: 0 });
      return { queue, health: () => queue.health() };
    },
    connect: (port, role, clock, wires) => (isShared(port) ? reviveShared(port, role, wires.connect(port.port), clock, bells) : wires.connect(port)),
    underWay: () => bells.active(),
  };
}

interface Listener {
  readonly memory: SharedArrayBuffer;
  readonly slot: number;
  readonly look: () => void;
}

class TestBells implements Bells {
  private flying = 0;
  private heard = 0;
  private readonly listeners = new Set<Listener>();
  private readonly schedule: FixtureOptions['schedule'];

  constructor(schedule: FixtureOptions['schedule']) {
    this.schedule = schedule;
  }

  /** Rings under way, and those that were heard since this was last asked. */
  active(): number {
    const active = this.flying + this.heard;
    this.heard = 0;
    return active;
  }

  ring({ memory }: Words, slot: number): void {
    for (const listener of this.listeners) {
      if (listener.memory !== memory || listener.slot !== slot) continue;
      const hear = (): void => {
        if (this.listeners.has(listener)) listener.look();
      };
      if (this.schedule !== undefined) this.schedule(listener, hear);
      else {
        this.flying++;
        systemRuntime.defer(() => {
          this.flying--;
          this.heard++;
          hear();
        });
      }
    }
  }

  listen({ memory }: Words, slot: number, look: () => void): Listening {
    const listener: Listener = { memory, slot, look };
    this.listeners.add(listener);
    return {
      expect: () => undefined,
      end: () => {
        this.listeners.delete(listener);
      },
    };
  }
}
