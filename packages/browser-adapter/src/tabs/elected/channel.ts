import type { Control, PortLike } from '../../port-link.js';

/** The first message of the side that opens it second: the first keeps until then what it has to say. */
const OPEN = 'open';

/**
 * A line between two tabs, which have no way to send each other a port: a BroadcastChannel whose name only they know. All that
 * they say to each other arrives in order, what is said by its ports as `[port, message]`.
 */
export class Channel implements Control {
  onmessage: PortLike['onmessage'] = null;
  onmessageerror: PortLike['onmessageerror'] = null;
  private readonly channel: BroadcastChannel;
  private readonly ports = new Map<number, Port>();
  private early: unknown[] | undefined;

  constructor(name: string, side: 'first' | 'second') {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event: MessageEvent) => {
      this.hear(event);
    };
    this.channel.onmessageerror = (event) => {
      this.onmessageerror?.(event);
      for (const port of [...this.ports.values()]) port.onmessageerror?.(event);
    };
    if (side === 'first') this.early = [];
    else this.channel.postMessage(OPEN);
  }

  /** The port that both sides know by this number. */
  port(number: number): PortLike {
    const port = new Port(
      (message) => {
        this.postMessage([number, message]);
      },
      () => {
        this.ports.delete(number);
      },
    );
    this.ports.set(number, port);
    return port;
  }

  postMessage(message: unknown): void {
    if (this.early !== undefined) this.early.push(message);
    else this.channel.postMessage(message);
  }

  close(): void {
    this.channel.close();
    this.early = [];
  }

  private hear(event: MessageEvent<unknown>): void {
    const { data } = event;
    if (data === OPEN) {
      for (const message of this.early ?? []) this.channel.postMessage(message);
      this.early = undefined;
    } else if (Array.isArray(data)) {
      const [port, message] = data as [number, unknown];
      this.ports.get(port)?.onmessage?.(new MessageEvent('message', { data: message }));
    } else this.onmessage?.(event);
  }
}

class Port implements PortLike {
  onmessage: PortLike['onmessage'] = null;
  onmessageerror: PortLike['onmessageerror'] = null;
  readonly postMessage: (message: unknown) => void;
  readonly close: () => void;

  constructor(post: (message: unknown) => void, close: () => void) {
    this.postMessage = post;
    this.close = close;
  }
}
