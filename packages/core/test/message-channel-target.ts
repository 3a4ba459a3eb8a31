import type { Link } from '@millrace/core/channels';
import {
  type FixtureOptions,
  linksTarget,
  type TransportUnderTest,
  type Wires,
} from '@millrace/core/testing';
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';

/** The port channel over real message ports, with both ends in this process. */
export function messageChannelTarget(options: { readonly runs?: number } = {}): TransportUnderTest {
  return linksTarget('ports over a MessageChannel', (given) => new ChannelWires(given), options);
}

/** What both ends of a channel know of each other. */
interface Channel {
  /** Messages posted to each end and not yet heard there. */
  readonly flying: Map<MessagePort, number>;
  /** Ends that will hear of the other's closing. */
  readonly closing: Set<MessagePort>;
  readonly ports: readonly [MessagePort, MessagePort];
}

class ChannelWires implements Wires {
  private readonly channels = new Map<object, Channel>();
  private readonly open_ = new Set<MessagePort>();
  /** What tells an end that it has lost the other. */
  private readonly losers = new Map<object, () => void>();
  private readonly schedule: FixtureOptions['schedule'];

  constructor({ schedule }: FixtureOptions) {
    this.schedule = schedule;
  }

  open(): { near: Link; far: object } {
    const { port1, port2 } = new MessageChannel();
    const channel: Channel = {
      flying: new Map([
        [port1, 0],
        [port2, 0],
      ]),
      closing: new Set(),
      ports: [port1, port2],
    };
    for (const port of channel.ports) {
      this.channels.set(port, channel);
      this.open_.add(port);
    }
    return { near: this.connect(port1), far: port2 };
  }

  connect(raw: object): Link {
    const port = raw as MessagePort;
    const channel = this.channels.get(port)!;
    const other = channel.ports[0] === port ? channel.ports[1] : channel.ports[0];
    const count = (to: MessagePort, by: number): void => {
      channel.flying.set(to, (channel.flying.get(to) ?? 0) + by);
    };
    let detached = false;
    const arrive = (deliver: () => void): void => {
      if (this.schedule === undefined) deliver();
      else this.schedule(port, deliver);
    };
    return {
      post: (message, transfer) => {
        if (!this.open_.has(port)) return;
        port.postMessage(message, (transfer ?? []) as Transferable[]);
        if (this.open_.has(other)) count(other, 1);
      },
      receive: (onMessage, onLost) => {
        port.on('message', (message: readonly unknown[]) => {
          count(port, -1);
          arrive(() => {
            if (this.open_.has(port) && !detached) onMessage(message);
          });
        });
        const lost = (): void => {
          channel.closing.delete(port);
          arrive(() => {
            if (!this.open_.delete(port) || detached) return;
            onLost();
          });
        };
        port.on('close', lost);
        this.losers.set(port, onLost);
      },
      close: () => {
        this.shut(port, other, channel);
      },
      detach: () => {
        detached = true;
        port.removeAllListeners();
        return port;
      },
    };
  }

  cut(far: object): void {
    const port = far as MessagePort;
    const channel = this.channels.get(port)!;
    if (!this.open_.has(port)) return;
    this.shut(port, channel.ports[0] === port ? channel.ports[1] : channel.ports[0], channel);
    this.losers.get(port)?.();
  }

  underWay(): number {
    let n = 0;
    for (const channel of new Set(this.channels.values())) {
      for (const count of channel.flying.values()) n += count;
      n += channel.closing.size;
    }
    return n;
  }

  leftovers(): string[] {
    return [...this.open_].map(() => 'an open port');
  }

  private shut(port: MessagePort, other: MessagePort, channel: Channel): void {
    if (!this.open_.delete(port)) return;
    channel.flying.set(port, 0);
    channel.closing.delete(port);
    if (this.open_.has(other)) channel.closing.add(other);
    port.removeAllListeners();
    port.close();
  }
}
