import { deferred, type Deferred } from './deferred.js';
import { place, type Faults } from './errors.js';
import { Line } from './line.js';
import { listOf, textOf } from './replies.js';
import type { Address, Script, ServerInfo } from './types.js';
import type { Driver, Wire, WireEvents } from './wire.js';

/** What a node tells the connection that it is part of. */
export interface NodeHost {
  readonly faults: Faults;
  readonly driver: () => Promise<Driver>;
  readonly sharded: () => boolean;
  /** How long one try to connect may take, in ms. */
  readonly limit: () => number;
  readonly cluster: boolean;
  /** Commands can be sent. */
  onCommands(node: Node, info: ServerInfo): void;
  /** Commands can be sent, and all subscriptions are in place. */
  onUp(node: Node): void;
  /** Some connection broke. */
  onLost(): void;
  /** The node was up, and is not any more. */
  onDown(node: Node, error: Error): void;
  onFailed(node: Node, error: unknown, timedOut: boolean): void;
  onMessage(channel: string, payload: Buffer): void;
  /** A channel cannot be listened to here any more, since its slot moved. */
  onMoved(): void;
}

interface Channel {
  readonly placed: Deferred<void>;
}

/** One server: the line for commands, and, where channels are listened to, another one for these. */
export class Node {
  readonly #host: NodeHost;
  readonly #where: (signal: AbortSignal) => Promise<Address | undefined>;
  readonly #commands: Line;
  #messages: Line | undefined;
  readonly #channels = new Map<string, Channel>();
  /** Scripts that were loaded over the present wire. */
  readonly #loaded = new Set<string>();
  #address: Address | undefined;
  #info: ServerInfo | undefined;
  #whole = false;

  /** @param where is asked at each try: the answer may change */
  constructor(host: NodeHost, where: (signal: AbortSignal) => Promise<Address | undefined>) {
    this.#host = host;
    this.#where = where;
    this.#commands = new Line({
      limit: host.limit,
      open: (signal, onDown) =>
        this.#open(signal, { onDown, onMessage: () => {}, onMoved: () => {} }, true),
      onUp: () => {
        this.#loaded.clear();
        host.onCommands(this, this.#info!);
        this.#check();
      },
      onDown: (error) => this.#lost(error),
      onFailed: (error, timedOut) => host.onFailed(this, error, timedOut),
    });
  }

  get address(): Address | undefined {
    return this.#address;
  }

  get place(): string {
    return place(this.#address);
  }

  /** The wire for commands, while it is whole. */
  get wire(): Wire | undefined {
    return this.#commands.wire;
  }

  /** Sends the source of a script ahead of it, the first time. */
  load(wire: Wire, script: Script): void {
    if (this.#loaded.has(script.sha1)) return;
    this.#loaded.add(script.sha1);
    // If it cannot be loaded, running it will say so.
    wire.send(['SCRIPT', 'LOAD', script.source]).catch(() => this.#loaded.delete(script.sha1));
  }

  /** A command over the wire was not answered by the server. */
  broke(wire: Wire, error: Error): void {
    this.#commands.broke(wire, error);
  }

  /** The server does not have the script any more. */
  forget(script: Script): void {
    this.#loaded.delete(script.sha1);
  }

  /** Another wire to the same server; it is the caller's. */
  async another(signal: AbortSignal, onDown: (error: Error) => void): Promise<Wire> {
    return this.#open(signal, { onDown, onMessage: () => {}, onMoved: () => {} }, false);
  }

  /** Resolves when the channel is listened to for the first time. */
  subscribe(channel: string): Promise<void> {
    let entry = this.#channels.get(channel);
    if (entry === undefined) {
      entry = { placed: deferred() };
      this.#channels.set(channel, entry);
      if (this.#messages === undefined) this.#listen();
      else if (this.#messages.wire !== undefined)
        void this.#place(this.#messages.wire, channel, entry);
    }
    return entry.placed.promise;
  }

  async unsubscribe(channel: string): Promise<void> {
    if (!this.#channels.delete(channel)) return;
    const wire = this.#messages?.wire;
    if (this.#channels.size === 0) {
      this.#messages?.stop();
      this.#messages = undefined;
      this.#check();
      return;
    }
    await wire?.unsubscribe(channel, this.#host.sharded()).catch(() => {});
  }

  reset(error: Error): void {
    this.#commands.reset(error);
    this.#messages?.reset(error);
  }

  stop(error: Error): void {
    this.#commands.stop();
    this.#messages?.stop();
    for (const { placed } of this.#channels.values()) placed.reject(error);
    this.#channels.clear();
  }

  async #open(signal: AbortSignal, events: WireEvents, greets: boolean): Promise<Wire> {
    const address = await this.#where(signal);
    signal.throwIfAborted();
    this.#address = address;
    const driver = await this.#host.driver();
    const wire = await driver.open(address, events, { signal, timeout: this.#host.limit() });
    if (!greets) return wire;
    return guarded(wire, signal, async () => {
      this.#info = await greet(wire, this.#host.faults, this.place, this.#host.cluster);
    });
  }

  #listen(): void {
    const line = (this.#messages = new Line({
      limit: this.#host.limit,
      open: async (signal, onDown) => {
        const wire = await this.#open(
          signal,
          {
            onDown,
            onMessage: (channel, payload) => this.#host.onMessage(channel, payload),
            onMoved: () => {
              this.#host.onMoved();
              line.reset(new Error('A channel has moved to another node.'));
            },
          },
          false,
        );
        return guarded(wire, signal, async () => {
          const sharded = this.#host.sharded();
          const channels = [...this.#channels];
          const placed = await Promise.allSettled(
            channels.map(([name]) => wire.subscribe(name, sharded)),
          );
          placed.forEach((result, i) => {
            if (result.status === 'fulfilled') channels[i]![1].placed.resolve();
            // One that has moved away must not keep the others from being heard.
            else if (isMoved(result.reason)) this.#host.onMoved();
            else throw result.reason;
          });
        });
      },
      onUp: () => {
        // Those that were added meanwhile.
        for (const [name, entry] of this.#channels) void this.#place(line.wire, name, entry);
        this.#check();
      },
      onDown: (error) => this.#lost(error),
      onFailed: (error, timedOut) => this.#host.onFailed(this, error, timedOut),
    }));
  }

  /** Listens to one more channel; harmless where that was done. */
  async #place(wire: Wire | undefined, channel: string, entry: Channel): Promise<void> {
    if (wire === undefined) return;
    try {
      await wire.subscribe(channel, this.#host.sharded());
      entry.placed.resolve();
    } catch (error) {
      // Where the wire broke, the next one takes all channels.
      if (isMoved(error)) this.#host.onMoved();
      else if ((await this.#host.driver()).isReply(error)) {
        const text = error instanceof Error ? error.message : String(error);
        entry.placed.reject(this.#host.faults.failure(text, this.place, 'SUBSCRIBE'));
        if (this.#channels.get(channel) === entry) this.#channels.delete(channel);
      }
    }
  }

  #lost(error: Error): void {
    const whole = this.#whole;
    this.#whole = false;
    this.#host.onLost();
    if (whole) this.#host.onDown(this, error);
  }

  #check(): void {
    if (this.#whole || this.#commands.wire === undefined) return;
    if (this.#messages !== undefined && this.#messages.wire === undefined) return;
    this.#whole = true;
    this.#host.onUp(this);
  }
}

function isMoved(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('MOVED ');
}

/** Does something with a wire that has just been opened; drops it if that fails or takes too long. */
async function guarded(wire: Wire, signal: AbortSignal, work: () => Promise<void>): Promise<Wire> {
  const drop = (): void => wire.drop();
  signal.addEventListener('abort', drop, { once: true });
  try {
    await work();
    return wire;
  } catch (error) {
    drop();
    throw error;
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

/** Asks a server who it is, and refuses one that cannot be worked with. */
async function greet(
  wire: Wire,
  faults: Faults,
  where: string,
  cluster: boolean,
): Promise<ServerInfo> {
  const [info, role, ping] = await Promise.allSettled([
    wire.send(['INFO', 'server']),
    wire.send(['ROLE']),
    wire.send(['PING']),
  ]);
  // One that is not allowed to ask is not refused for it.
  const fields = new Map<string, string>();
  if (info.status === 'fulfilled') {
    for (const line of textOf(info.value).split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
    }
  } else if (!isDenied(info.reason)) throw info.reason;

  const version = fields.get('redis_version');
  if (version !== undefined) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 6 || (major === 6 && minor < 2)) throw faults.tooOld(where, version);
  }
  if (!cluster && fields.get('redis_mode') === 'cluster') {
    throw faults.make(
      'BAD_OPTION',
      `The server at ${where} is a node of a Cluster. Give \`cluster: [...]\` instead of \`url\`.`,
      { server: where, option: 'url', reason: 'cluster' },
    );
  }
  if (role.status === 'fulfilled') {
    const name = textOf(listOf(role.value)[0]);
    if (name === 'slave') throw faults.readOnly(where);
    if (name === 'sentinel') {
      throw faults.make(
        'BAD_OPTION',
        `The server at ${where} is a Sentinel. Give \`sentinel: { name, sentinels: [...] }\` instead of \`url\`.`,
        { server: where, option: 'url' },
      );
    }
  } else if (!isDenied(role.reason)) throw role.reason;
  // LOADING, for example: it is not up yet.
  if (ping.status === 'rejected' && !isDenied(ping.reason)) throw ping.reason;
  return { version: version ?? '6.2.0', runId: fields.get('run_id') ?? '' };
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && /^(NOPERM|ERR unknown command)/.test(error.message);
}
