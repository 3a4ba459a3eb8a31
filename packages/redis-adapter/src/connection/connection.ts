import { MillraceError } from '@millrace/core';

import { BlockingLines } from './blocking.js';
import { deferred } from './deferred.js';
import { place } from './errors.js';
import { Lane, type Entry, type LaneHost } from './lane.js';
import { planOf, type Plan } from './plan.js';
import { ClusterRoutes, singleRoutes, type ClusterHost, type Routes } from './routes.js';
import { Subscriptions } from './subscriptions.js';
import type {
  Argument,
  ConnectOptions,
  Connection,
  ConnectionEvent,
  RedisConnectOptions,
  Reply,
  Script,
  ServerInfo,
  Subscription,
} from './types.js';
import type { Driver } from './wire.js';

/** How long one try to connect again may take, in ms: short enough to be back within 5 s of the server. */
const AGAIN_LIMIT = 3000;

/**
 * Connects in the background. Only an option that cannot be right is an error at once; what is wrong with the server
 * is told by `ready()` and by every command.
 */
export function connect(options: RedisConnectOptions): Connection {
  return new RedisConnection(planOf(options));
}

class RedisConnection implements Connection {
  readonly #plan: Plan;
  readonly #routes: Routes;
  readonly #lanes = new Map<number, Lane>();
  readonly #laneHost: LaneHost;
  readonly #subscriptions: Subscriptions;
  readonly #blocking: BlockingLines;
  readonly #listeners = new Set<(event: ConnectionEvent) => void>();
  readonly #ready = deferred<ServerInfo>();
  readonly #end = new AbortController();
  readonly #deadline: NodeJS.Timeout;
  #driver: Promise<Driver> | undefined;
  #loaded: Driver | undefined;
  #info: ServerInfo | undefined;
  #lastFailure: unknown;

  constructor(plan: Plan) {
    this.#plan = plan;
    const host: ClusterHost = {
      faults: plan.faults,
      cluster: plan.topology === 'cluster',
      signal: this.#end.signal,
      driver: () => this.#load(),
      sharded: () => this.publish === 'SPUBLISH',
      limit: () =>
        this.#info === undefined ? plan.connectTimeout : Math.min(AGAIN_LIMIT, plan.connectTimeout),
      onCommands: (_node, info) => this.#welcome(info),
      onUp: () => this.#tell({ type: 'up' }),
      onLost: () => this.#routes.stale(),
      onDown: (node, error) =>
        this.#tell({ type: 'down', error: plan.faults.lost(node.place, error) }),
      onFailed: (node, error, timedOut) => this.#tried(node.place, error, timedOut),
      onMessage: (channel, payload) => this.#subscriptions.deliver(channel, payload),
      onMoved: () => this.#routes.stale(),
      onRoutes: () => this.#rerouted(),
      onUnknown: (error, timedOut) => this.#tried(place(plan.seeds[0]), error, timedOut),
    };
    this.#deadline = setTimeout(() => {
      this.#fail(
        this.#lastFailure ??
          plan.faults.timedOut(plan.seeds.map(place).join(', '), plan.connectTimeout),
      );
    }, plan.connectTimeout);
    this.#laneHost = {
      faults: plan.faults,
      signal: this.#end.signal,
      owner: (slot) => this.#routes.owner(slot),
      nodeAt: (address) => this.#routes.nodeAt(address),
      moved: (slot, address) => this.#routes.moved(slot, address),
      stale: () => this.#routes.stale(),
      isReply: (error: unknown) => this.#loaded?.isReply(error) ?? false,
    };
    this.#routes =
      plan.topology === 'cluster' ? new ClusterRoutes(plan, host) : singleRoutes(plan, host);
    this.#subscriptions = new Subscriptions(this.#routes, this.#end.signal);
    this.#blocking = new BlockingLines(this.#routes, this.#laneHost);
  }

  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return this.#send(
      keys[0],
      ['EVALSHA', script.sha1, String(keys.length), ...keys, ...args],
      script,
      keys,
    );
  }

  command(key: string | undefined, args: readonly Argument[]): Promise<Reply> {
    return this.#send(key, args, undefined, key === undefined ? [] : [key]);
  }

  blocking(key: string, args: readonly Argument[], signal: AbortSignal): Promise<Reply> {
    return this.#blocking.send(key, args, signal);
  }

  subscribe(channel: string, onMessage: (payload: Buffer) => void): Promise<Subscription> {
    return this.#subscriptions.add(channel, onMessage, () => this.ready());
  }

  on(listener: (event: ConnectionEvent) => void): () => void {
    // Each call is a listener of its own, though the function may be the same.
    const own = (event: ConnectionEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  reset(): void {
    const error = new Error('The connection was reset.');
    for (const node of this.#routes.nodes()) node.reset(error);
    this.#blocking.reset();
    this.#routes.stale();
  }

  ready(): Promise<ServerInfo> {
    return this.#ready.promise;
  }

  get topology(): 'single' | 'cluster' | 'sentinel' {
    return this.#plan.topology;
  }

  get publish(): 'SPUBLISH' | 'PUBLISH' {
    return this.#plan.topology === 'cluster' && Number.parseInt(this.#info?.version ?? '0') >= 7
      ? 'SPUBLISH'
      : 'PUBLISH';
  }

  get options(): ConnectOptions | undefined {
    return this.#plan.options;
  }

  async close(): Promise<void> {
    this.#stop(new MillraceError('TRANSPORT_CLOSED', 'The connection was closed.'));
    this.#listeners.clear();
  }

  #send(
    key: string | undefined,
    args: readonly Argument[],
    script: Script | undefined,
    keys: readonly string[],
  ): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#end.signal.aborted) {
        reject(this.#end.signal.reason);
        return;
      }
      const slot = this.#routes.slotOf(key);
      let lane = this.#lanes.get(slot);
      if (lane === undefined) this.#lanes.set(slot, (lane = new Lane(this.#laneHost, slot)));
      const entry: Entry = { args, script, keys, resolve, reject, ask: undefined, refusals: 0 };
      lane.push(entry);
    });
  }

  #load(): Promise<Driver> {
    this.#driver ??= this.#plan.driver().then((driver) => (this.#loaded = driver));
    return this.#driver;
  }

  #welcome(info: ServerInfo): void {
    const first = this.#info === undefined;
    this.#info = info;
    if (first) {
      clearTimeout(this.#deadline);
      this.#ready.resolve(info);
    }
    for (const lane of this.#lanes.values()) lane.pump();
  }

  #rerouted(): void {
    // The first node is greeted even when nothing waits, to know that all is well.
    if (this.#info === undefined) this.#routes.owner(-1);
    for (const lane of this.#lanes.values()) lane.pump();
    this.#subscriptions.reroute();
  }

  #tried(where: string, error: unknown, timedOut: boolean): void {
    this.#routes.stale();
    if (this.#info !== undefined) return;
    const { faults, connectTimeout } = this.#plan;
    const why = timedOut
      ? { error: faults.timedOut(where, connectTimeout), final: false }
      : faults.unreachable(where, error);
    // What a Sentinel takes for the master may be about to become it.
    if (why.final && !(this.#plan.topology !== 'single' && why.error.code === 'SERVER_READ_ONLY'))
      this.#fail(why.error);
    else this.#lastFailure = why.error;
  }

  #fail(error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#tell({ type: 'down', error: error as Error });
    this.#stop(error as Error);
  }

  #stop(error: Error): void {
    if (this.#end.signal.aborted) return;
    clearTimeout(this.#deadline);
    this.#ready.reject(error);
    this.#end.abort(error);
    for (const lane of this.#lanes.values()) lane.fail(error);
    this.#routes.stop(error);
  }

  #tell(event: ConnectionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
