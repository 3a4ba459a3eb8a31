import { place } from './errors.js';
import { backoff, pause } from './line.js';
import { Node, type NodeHost } from './node.js';
import { slotOf } from './slot.js';
import { askOnce, masterFinder, slotMapOf, SLOTS, type SlotMap } from './topology.js';
import type { Plan } from './plan.js';
import type { Address } from './types.js';

/** Which node answers for which key. */
export interface Routes {
  slotOf(key: string | undefined): number;
  /** `undefined` while it is not known. */
  owner(slot: number): Node | undefined;
  nodeAt(address: Address): Node;
  nodes(): Iterable<Node>;
  /** A node said who owns a slot now. */
  moved(slot: number, address: Address): void;
  /** What is known may be out of date. */
  stale(): void;
  stop(error: Error): void;
}

/** One server, or the one that Sentinels say is the master. */
export function singleRoutes(plan: Plan, host: NodeHost): Routes {
  const [only] = plan.seeds;
  const node = new Node(host, plan.topology === 'sentinel' ? masterFinder(plan) : async () => only);
  return {
    slotOf: () => 0,
    owner: () => node,
    nodeAt: () => node,
    nodes: () => [node],
    // Whoever says so is a node of a Cluster after all; the next greeting tells.
    moved: () => node.reset(new Error('The server has become a node of a Cluster.')),
    stale: () => {},
    stop: (error) => node.stop(error),
  };
}

export interface ClusterHost extends NodeHost {
  /** Fires when the connection is closed or has failed for good. */
  readonly signal: AbortSignal;
  /** Owners may have changed. */
  onRoutes(): void;
  /** Nobody could be asked; it is tried again. */
  onUnknown(error: unknown, timedOut: boolean): void;
}

/** The slot of a command without a key: any node will do. */
const ANY = -1;

/** How long one node may take to say how the Cluster looks, in ms, before another one is asked. */
const ASK_LIMIT = 1000;

export class ClusterRoutes implements Routes {
  readonly #plan: Plan;
  readonly #host: ClusterHost;
  readonly #nodes = new Map<string, Node>();
  #map: SlotMap = { owners: [], addresses: new Map() };
  /** Slots of which a node has said something since the map was read. */
  readonly #corrections = new Map<number, Address>();
  #refreshing = false;
  #again = false;

  constructor(plan: Plan, host: ClusterHost) {
    this.#plan = plan;
    this.#host = host;
    this.stale();
  }

  slotOf(key: string | undefined): number {
    return key === undefined ? ANY : slotOf(key);
  }

  owner(slot: number): Node | undefined {
    if (slot === ANY) {
      for (const node of this.#nodes.values()) if (node.wire !== undefined) return node;
      const [first] = this.#map.addresses.values();
      return first === undefined ? undefined : this.nodeAt(first);
    }
    const corrected = this.#corrections.get(slot);
    if (corrected !== undefined) return this.nodeAt(corrected);
    const key = this.#map.owners[slot];
    if (key === undefined) {
      // Asked for and owned by nobody: that will not stay so.
      if (this.#map.owners.length > 0) this.stale();
      return undefined;
    }
    return this.nodeAt(this.#map.addresses.get(key)!);
  }

  nodeAt(address: Address): Node {
    const key = place(address);
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = new Node(this.#host, async () => address);
      this.#nodes.set(key, node);
    }
    return node;
  }

  nodes(): Iterable<Node> {
    return this.#nodes.values();
  }

  moved(slot: number, address: Address): void {
    this.#corrections.set(slot, this.#plan.map(address));
    this.#host.onRoutes();
    this.stale();
  }

  stale(): void {
    if (this.#refreshing) this.#again = true;
    else void this.#refresh();
  }

  stop(error: Error): void {
    for (const node of this.#nodes.values()) node.stop(error);
    this.#nodes.clear();
  }

  async #refresh(): Promise<void> {
    const { signal } = this.#host;
    this.#refreshing = true;
    for (let attempt = 0; !signal.aborted; attempt++) {
      this.#again = false;
      const map = await this.#ask();
      if (map !== undefined) this.#take(map);
      const complete =
        map !== undefined &&
        map.owners.every((owner) => owner !== undefined) &&
        map.owners.length === SLOTS;
      if (complete && !this.#asksAgain()) break;
      await pause(backoff(attempt), signal);
    }
    this.#refreshing = false;
  }

  #asksAgain(): boolean {
    return this.#again;
  }

  #take(map: SlotMap): void {
    this.#map = map;
    this.#corrections.clear();
    for (const [key, node] of this.#nodes) {
      if (map.addresses.has(key)) continue;
      this.#nodes.delete(key);
      node.stop(new Error('The node has left, or owns nothing any more.'));
    }
    this.#host.onRoutes();
  }

  /** Asks those that are connected, then those that were named at first. */
  async #ask(): Promise<SlotMap | undefined> {
    const { signal, faults } = this.#host;
    const limit = Math.min(ASK_LIMIT, this.#plan.connectTimeout);
    let failure: unknown;
    let timedOut = false;
    const known = [...this.#nodes.values()].filter((node) => node.wire !== undefined);
    const seeds = [...this.#map.addresses.values(), ...this.#plan.seeds];
    const sources: {
      address: Address | undefined;
      ask: (signal: AbortSignal) => Promise<SlotMap>;
    }[] = [
      ...known.map((node) => ({
        address: node.address,
        ask: async (limited: AbortSignal) => {
          const late = new Promise<never>((_, reject) =>
            limited.addEventListener('abort', () => reject(limited.reason), { once: true }),
          );
          const reply = await Promise.race([node.wire!.send(['CLUSTER', 'SLOTS']), late]);
          return slotMapOf(reply, node.address, this.#plan.map);
        },
      })),
      ...seeds.map((address) => ({
        address,
        ask: async (limited: AbortSignal) => {
          const reply = await askOnce(
            await this.#host.driver(),
            address,
            ['CLUSTER', 'SLOTS'],
            limited,
            limit,
          );
          return slotMapOf(reply, address, this.#plan.map);
        },
      })),
    ];
    for (const { address, ask } of sources) {
      if (signal.aborted) return undefined;
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new Error('no answer')), limit);
      const stop = (): void => late.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      try {
        const map = await ask(late.signal);
        if (map.addresses.size > 0) return map;
        failure = new Error('The Cluster has no slots assigned.');
      } catch (error) {
        const text = error instanceof Error ? error.message : '';
        timedOut = late.signal.aborted;
        failure = text.includes('cluster support disabled')
          ? faults.make(
              'BAD_OPTION',
              `The server at ${place(address)} is no node of a Cluster. Give \`url\` instead of \`cluster\`.`,
              {
                server: place(address),
                option: 'cluster',
              },
            )
          : faults.unreachable(place(address), error).error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    }
    this.#host.onUnknown(failure, timedOut);
    return undefined;
  }
}
