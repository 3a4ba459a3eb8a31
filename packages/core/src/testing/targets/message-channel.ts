import type { Link } from '../../channels/ports/link.js';
import { platform, type Port } from '../../runtime/runtime.js';
import type { FixtureOptions, TransportUnderTest } from '../target.js';
import { linksTarget, type Wires } from './links.js';

/** The port channel over the platform's own message ports, with both ends in this process. */
export function messageChannelTarget(options: { readonly runs?: number } = {}): TransportUnderTest {
  return linksTarget('ports over a MessageChannel', (given) => new ChannelWires(given), options);
}

/** Not every platform tells when the other end was closed: a last message does. */
const BYE = 'bye';

/** What both ends of a channel know of each other. */
interface Channel {
  /** Messages posted to each end and not yet heard there. */
  readonly flying: Map<Port, number>;
  readonly ports: readonly [Port, Port];
}

class ChannelWires implements Wires {
  private readonly channels = new Map<object, Channel>();
  private readonly open_ = new Set<Port>();
  /** What tells an end that it has lost the other. */
  private readonly losers = new Map<object, () => void>();
  private readonly schedule: FixtureOptions['schedule'];

  constructor({ schedule }: FixtureOptions) {
    this.schedule = schedule;
  }

  open(): { near: Link; far: object } {
    const { port1, port2 } = new platform.MessageChannel();
    const flying = new Map([port1, port2].map((port) => [port, 0]));
    const channel: Channel = { flying, ports: [port1, port2] };
    for (const port of channel.ports) {
      this.channels.set(port, channel);
      this.open_.add(port);
    }
    return { near: this.connect(port1), far: port2 };
  }

  connect(raw: object): Link {
    const port = raw as Port;
    const channel = this.channels.get(port)!;
    const other = channel.ports[0] === port ? channel.ports[1] : channel.ports[0];
    let detached = false;
    const arrive = (deliver: () => void): void => {
      const arrived = (): void => {
        if (this.open_.has(port) && !detached) deliver();
      };
      if (this.schedule === undefined) arrived();
      else this.schedule(port, arrived);
    };
    return {
      post: (message, transfer) => {
        if (this.open_.has(port)) this.post(channel, port, other, message, transfer);
      },
      receive: (onMessage, onLost) => {
        port.onmessage = ({ data }) => {
          this.count(channel, port, -1);
          arrive(() => {
            if (data !== BYE) onMessage(data as readonly unknown[]);
            else {
              this.open_.delete(port);
              this.shut(port, channel);
              onLost();
            }
          });
        };
        this.losers.set(port, onLost);
      },
      close: () => {
        if (this.open_.delete(port)) {
          this.post(channel, port, other, BYE);
          this.shut(port, channel);
        }
      },
      detach: () => {
        detached = true;
        port.onmessage = null;
        return port;
      },
    };
  }

  cut(far: object): void {
    const port = far as Port;
    const channel = this.channels.get(port)!;
    if (!this.open_.delete(port)) return;
    this.post(channel, port, channel.ports[0] === port ? channel.ports[1] : channel.ports[0], BYE);
    this.shut(port, channel);
    this.losers.get(port)?.();
  }

  underWay(): number {
    let n = 0;
    for (const { flying } of new Set(this.channels.values()))
      for (const count of flying.values()) n += count;
    return n;
  }

  leftovers(): string[] {
    return [...this.open_].map(() => 'an open port');
  }

  private post(
    channel: Channel,
    port: Port,
    other: Port,
    message: unknown,
    transfer?: readonly object[],
  ): void {
    port.postMessage(message, transfer ?? []);
    if (this.open_.has(other)) this.count(channel, other, 1);
  }

  private count({ flying }: Channel, to: Port, by: number): void {
    flying.set(to, (flying.get(to) ?? 0) + by);
  }

  private shut(port: Port, { flying }: Channel): void {
    flying.set(port, 0);
    port.onmessage = null;
    port.close();
  }
}
