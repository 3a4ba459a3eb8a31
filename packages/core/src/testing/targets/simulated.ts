import type { Link } from '../../channels/ports/link.js';
import { platform, systemRuntime } from '../../runtime/runtime.js';
import type { FixtureOptions, TransportUnderTest } from '../target.js';
import { linksTarget, type Wires } from './links.js';

type Message = readonly unknown[];
const LOST = Symbol('lost');

/** One end of a simulated link: what a message port is to a real one. */
class End {
  other!: End;
  open = true;
  /** Sent here, and not arrived. */
  readonly transit: (Message | typeof LOST)[] = [];
  /** Arrived before anybody listened. */
  readonly inbox: (Message | typeof LOST)[] = [];
  listener: { onMessage(message: Message): void; onLost(): void } | undefined;
}

/**
 * The port channel over links that exist in memory only. Values are cloned and moved as a message port does it, each
 * direction of each link keeps its order, and everything else is up to `schedule`.
 */
export function simulatedLinksTarget(options: { readonly runs?: number } = {}): TransportUnderTest {
  return linksTarget('ports over simulated links', simulatedWires, options);
}

/** The links of {@link simulatedLinksTarget}, for a target of one's own. */
export function simulatedWires(options: FixtureOptions): Wires {
  return new SimulatedWires(options);
}

class SimulatedWires implements Wires {
  private readonly ends: End[] = [];
  private readonly schedule: NonNullable<FixtureOptions['schedule']> | undefined;
  private flying = 0;
  private arrived = 0;

  constructor({ schedule }: FixtureOptions) {
    this.schedule = schedule;
  }

  open(): { near: Link; far: object } {
    const [near, far] = [new End(), new End()];
    near.other = far;
    far.other = near;
    this.ends.push(near, far);
    return { near: this.connect(near), far };
  }

  connect(raw: object): Link {
    const end = raw as End;
    return {
      post: (message, transfer) => {
        if (!end.open) return;
        const copy = platform.structuredClone(message, { transfer: transfer ?? [] }) as Message;
        this.send(end.other, copy);
      },
      receive: (onMessage, onLost) => {
        end.listener = { onMessage, onLost };
        const early = end.inbox.splice(0);
        end.transit.unshift(...early);
        early.forEach(() => {
          this.fly(end);
        });
      },
      close: () => {
        if (!end.open) return;
        end.open = false;
        this.send(end.other, LOST);
      },
      detach: () => {
        end.listener = undefined;
        return end;
      },
    };
  }

  cut(far: object): void {
    const end = far as End;
    if (!end.open) return;
    end.open = false;
    this.send(end.other, LOST);
    end.listener?.onLost();
  }

  underWay(): number {
    const active = this.flying + this.arrived;
    this.arrived = 0;
    return active;
  }

  leftovers(): string[] {
    return this.ends.filter((end) => end.open).map(() => 'an open end of a link');
  }

  private send(to: End, item: Message | typeof LOST): void {
    if (!to.open) return;
    to.transit.push(item);
    this.fly(to);
  }

  private fly(to: End): void {
    if (this.schedule !== undefined) {
      this.schedule(to, () => {
        this.arrive(to);
      });
      return;
    }
    this.flying++;
    systemRuntime.defer(() => {
      this.flying--;
      this.arrived++;
      this.arrive(to);
    });
  }

  private arrive(end: End): void {
    const item = end.transit.shift();
    if (item === undefined || !end.open) return;
    const { listener } = end;
    if (listener === undefined) end.inbox.push(item);
    else if (item !== LOST) listener.onMessage(item);
    else {
      end.open = false;
      listener.onLost();
    }
  }
}
