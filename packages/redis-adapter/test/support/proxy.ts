// A proxy between client and server that does to their connections what networks do. It never alters, loses
// within, or reorders what it passes on.

import { once } from 'node:events';
import net, { type Socket } from 'node:net';

import { Flow, type Weather } from './proxy/flow.ts';
import { type Random, seeded } from './proxy/random.ts';
import { type Fault, type FaultKind, rhythm } from './proxy/rhythm.ts';
import { pickPort, returnPort } from './servers/ports.ts';

export { type Fault, type FaultKind, faultKinds, rhythm } from './proxy/rhythm.ts';

/** `up` is from client to server, `down` from server to client. */
export type Direction = 'up' | 'down' | 'both';

export interface DelayOptions {
  /** Up to so many ms more, at random. Default 0. */
  readonly jitter?: number;
  /** Default `both`. */
  readonly direction?: Direction;
}

export interface ProxyOptions {
  /** The server's port on loopback. It may change: `proxy.target`. */
  readonly target: number;
  /** For the jitter of delays. Default 1. */
  readonly seed?: number;
}

/** Listens on a free loopback port and passes connections on to `target`. */
export async function startProxy({ target, seed = 1 }: ProxyOptions): Promise<TcpProxy> {
  for (let tries = 1; ; tries += 1) {
    const proxy = new TcpProxy(await pickPort(), target, seeded(seed));
    try {
      await proxy.refuse(false);
      return proxy;
    } catch (error) {
      await proxy.close();
      if (tries === 10) throw error;
    }
  }
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly up: Flow;
  readonly down: Flow;
}

class Channel implements Weather {
  stalled = false;
  ms = 0;
  jitter = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  lag(): number {
    return this.ms + this.jitter * this.#random();
  }
}

export class TcpProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  /** Where new connections lead. */
  target: number;
  readonly #up: Channel;
  readonly #down: Channel;
  readonly #links = new Set<Link>();
  readonly #rhythms = new Set<Rhythm>();
  #listener: net.Server | undefined;
  #accepted = 0;
  #closed = false;

  constructor(port: number, target: number, random: Random) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.target = target;
    this.#up = new Channel(random);
    this.#down = new Channel(random);
  }

  /** How many connections go through it now. */
  get connections(): number {
    return this.#links.size;
  }

  /** How many it has accepted in all. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resets every connection on both sides; new ones are accepted. Returns how many there were. */
  cut(): number {
    const links = [...this.#links];
    for (const { client, server } of links) {
      reset(client);
      reset(server);
    }
    return links.length;
  }

  /** New connections are refused by the system, as with no server there; those that exist stay. `false` ends it. */
  async refuse(on = true): Promise<void> {
    if (on) {
      this.#listener?.close();
      this.#listener = undefined;
      return;
    }
    if (this.#listener !== undefined || this.#closed) return;
    const listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#join(client),
    );
    this.#listener = listener;
    try {
      listener.listen(this.port, this.host);
      await once(listener, 'listening');
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
  }

  /** Holds bytes for `ms` ms and up to `jitter` ms more, in order; 0 ends it, for those not yet arrived. */
  delay(ms: number, { jitter = 0, direction = 'both' }: DelayOptions = {}): void {
    for (const channel of this.#channels(direction)) Object.assign(channel, { ms, jitter });
  }

  /** Accepts and keeps connections, but passes no byte on; the sender feels it when the system's buffers are full. */
  stall(on = true, direction: Direction = 'both'): void {
    for (const channel of this.#channels(direction)) channel.stalled = on;
    this.#pump();
  }

  /** One side of every connection sees the other's end, while it can still send itself. Default: the client. */
  halfClose(side: 'client' | 'server' = 'client'): void {
    for (const { up, down } of this.#links) (side === 'client' ? down : up).halfClose();
  }

  /** Ends every fault and rhythm. What was cut or half closed stays so. */
  async resume(): Promise<void> {
    await Promise.all([...this.#rhythms].map((one) => one.stop()));
    await this.#calm();
  }

  /** Faults on average every `ms` ms, the same ones for the same seed, until stopped or `resume()`. */
  every(ms: number, seed: number, kinds?: readonly FaultKind[]): Rhythm {
    const faults = rhythm(ms, seed, kinds);
    const done: Fault[] = [];
    let timer: NodeJS.Timeout | undefined;
    const calm: Rhythm = {
      done,
      stop: () => {
        clearTimeout(timer);
        this.#rhythms.delete(calm);
        return this.#calm();
      },
    };
    const wait = () => {
      const fault = faults.next().value;
      timer = setTimeout(() => {
        done.push(fault);
        this.#strike(fault);
        if (fault.kind === 'cut' || fault.kind === 'halfClose') wait();
        else timer = setTimeout(() => void pass(), fault.lasts);
      }, fault.after);
    };
    const pass = async () => {
      await this.#calm();
      if (this.#rhythms.has(calm)) wait();
    };
    this.#rhythms.add(calm);
    wait();
    return calm;
  }

  /** Cuts all connections and gives the port back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.resume();
    this.#closed = true;
    this.cut();
    const listener = this.#listener;
    if (listener !== undefined) await new Promise((resolve) => listener.close(resolve));
    returnPort(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(client: Socket): void {
    this.#accepted += 1;
    const { target: port, host } = this;
    const server = net.connect({ port, host, allowHalfOpen: true, noDelay: true });
    const up = new Flow(client, server, this.#up);
    const down = new Flow(server, client, this.#down);
    const link: Link = { client, server, up, down };
    this.#links.add(link);
    const over = (socket: Socket, failed: boolean) => {
      const [other, into, outOf] = socket === client ? [server, down, up] : [client, up, down];
      into.stop();
      // A reset is passed on as it is. After an orderly end what is still held has its way to go.
      if (failed) {
        outOf.stop();
        reset(other);
      }
      if (other.destroyed) this.#links.delete(link);
    };
    for (const socket of [client, server]) {
      // An error is always followed by a close, which says that there was one.
      socket.on('error', () => {}).on('close', (failed) => over(socket, failed));
    }
  }

  #strike({ kind, lasts, side }: Fault): void {
    const direction = side === 'client' ? 'down' : 'up';
    if (kind === 'cut') this.cut();
    else if (kind === 'halfClose') this.halfClose(side);
    else if (kind === 'stall') this.stall(true, direction);
    else if (kind === 'delay') this.delay(lasts / 4, { jitter: lasts / 4 });
    else {
      void this.refuse();
      this.cut();
    }
  }

  async #calm(): Promise<void> {
    this.delay(0);
    this.stall(false);
    await this.refuse(false);
  }

  #channels(direction: Direction): readonly Channel[] {
    if (direction === 'up') return [this.#up];
    return direction === 'down' ? [this.#down] : [this.#up, this.#down];
  }

  #pump(): void {
    for (const { up, down } of this.#links) {
      up.pump();
      down.pump();
    }
  }
}

/** Node leaves a socket open for good that is reset while its own end is on the way: that one is only closed. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export interface Rhythm {
  /** What has been done so far. */
  readonly done: readonly Fault[];
  /** Ends it, and the fault that lasts. */
  stop(): Promise<void>;
}
