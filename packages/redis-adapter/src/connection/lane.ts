import { refusalOf, type Faults, type Refusal } from './errors.js';
import { backoff, pause } from './line.js';
import type { Node } from './node.js';
import type { Address, Argument, Reply, Script } from './types.js';
import type { Wire } from './wire.js';

/** One command on its way. */
export interface Entry {
  readonly args: readonly Argument[];
  readonly script: Script | undefined;
  /** How many of the arguments, from the fourth on, are keys of the script. */
  readonly keys: readonly string[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  /** Whom a node in the middle of moving its slot said to ask, once. */
  ask: Address | undefined;
  refusals: number;
}

export interface LaneHost {
  readonly faults: Faults;
  isReply(error: unknown): boolean;
  /** Fires when the connection is closed or has failed for good. */
  readonly signal: AbortSignal;
  owner(slot: number): Node | undefined;
  nodeAt(address: Address): Node;
  /** A node said who owns the slot now. */
  moved(slot: number, address: Address): void;
  /** What is known of the Cluster is out of date. */
  stale(): void;
}

/**
 * The commands of one slot, in order. They are sent one behind the other over one wire. One that a server refused
 * without executing it (the slot moved, the script is not loaded, the server is not ready) halts the lane: when all
 * that was sent has come back, the refused ones go out again before all newer ones, so that the order is kept.
 */
export class Lane {
  readonly #host: LaneHost;
  readonly #slot: number;
  #waiting: Entry[] = [];
  #refused: Entry[] = [];
  #flying = 0;
  /** Over which those that fly were sent. */
  #wire: Wire | undefined;
  #halted = false;
  /** One that was refused before flies alone: if it is refused again, none may have passed it. */
  #probing = false;
  #delay = 0;

  constructor(host: LaneHost, slot: number) {
    this.#host = host;
    this.#slot = slot;
  }

  push(entry: Entry): void {
    if (this.#waiting.length === 0 && this.#ready(entry)) return;
    this.#waiting.push(entry);
  }

  /** Sends what waits, if it can be sent now. */
  pump(): void {
    let sent = 0;
    while (sent < this.#waiting.length && this.#ready(this.#waiting[sent]!)) sent++;
    if (sent > 0) this.#waiting.splice(0, sent);
  }

  /** Rejects what was not sent. What was is rejected when its wire is dropped. */
  fail(error: unknown): void {
    const all = [...this.#refused, ...this.#waiting];
    this.#refused = [];
    this.#waiting = [];
    for (const entry of all) entry.reject(error);
  }

  #ready(entry: Entry): boolean {
    if (this.#halted || this.#probing) return false;
    const node =
      entry.ask === undefined ? this.#host.owner(this.#slot) : this.#host.nodeAt(entry.ask);
    const wire = node?.wire;
    if (wire === undefined || node === undefined) return false;
    if (this.#flying > 0 && wire !== this.#wire) return false;
    this.#wire = wire;
    this.#flying++;
    this.#probing = entry.refusals > 0;
    if (entry.script !== undefined) node.load(wire, entry.script);
    if (entry.ask !== undefined) {
      entry.ask = undefined;
      // It holds for the very next command only.
      wire.send(['ASKING']).catch(() => {});
    }
    wire.send(entry.args).then(
      (reply) => {
        entry.resolve(reply);
        this.#landed();
      },
      (error: unknown) => {
        this.#rejected(entry, node, wire, error);
        this.#landed();
      },
    );
    return true;
  }

  #landed(): void {
    if (--this.#flying > 0) return;
    this.#probing = false;
    if (this.#halted) void this.#resume();
    else if (this.#waiting.length > 0) this.pump();
  }

  async #resume(): Promise<void> {
    if (this.#delay > 0) await pause(this.#delay, this.#host.signal);
    this.#delay = 0;
    this.#halted = false;
    this.#waiting = [...this.#refused, ...this.#waiting];
    this.#refused = [];
    if (this.#host.signal.aborted) this.fail(this.#host.signal.reason);
    else this.pump();
  }

  #rejected(entry: Entry, node: Node, wire: Wire, error: unknown): void {
    const { faults, signal } = this.#host;
    if (signal.aborted) {
      entry.reject(signal.reason);
      return;
    }
    const where = node.place;
    if (!this.#host.isReply(error) || !(error instanceof Error)) {
      node.broke(wire, faults.plain(error));
      entry.reject(faults.lost(where, error));
      return;
    }
    const what =
      entry.script === undefined ? String(entry.args[0]) : `the script ${entry.script.name}`;
    const refusal = refusalOf(error.message, node.address);
    if (refusal === undefined || (refusal.kind === 'noscript' && entry.refusals > 3)) {
      if (error.message.includes('WRONGTYPE')) void this.#mismatch(entry, wire, where, what);
      else entry.reject(faults.failure(error.message, where, what));
      return;
    }
    entry.refusals++;
    this.#halted = true;
    this.#refused.push(entry);
    this.#follow(refusal, entry, node);
  }

  #follow(refusal: Refusal, entry: Entry, node: Node): void {
    switch (refusal.kind) {
      case 'moved':
        this.#host.moved(refusal.slot, refusal.address);
        break;
      case 'ask':
        entry.ask = refusal.address;
        break;
      case 'noscript':
        node.forget(entry.script!);
        return;
      case 'demoted':
        node.reset(this.#host.faults.readOnly(node.place));
        this.#host.stale();
        break;
      case 'later':
        if (refusal.stale) this.#host.stale();
        this.#delay = Math.max(this.#delay, backoff(entry.refusals - 1));
        return;
    }
    // Two nodes may each say that it is the other.
    if (entry.refusals > 3) this.#delay = Math.max(this.#delay, backoff(entry.refusals - 4));
  }

  /** The server does not say which key has the wrong type. */
  async #mismatch(entry: Entry, wire: Wire, where: string, what: string): Promise<void> {
    const types = await Promise.all(
      entry.keys.map(async (key) => {
        const type = await wire.send(['TYPE', key]).catch(() => null);
        return { key, type: Buffer.isBuffer(type) ? type.toString() : 'unknown' };
      }),
    );
    const found = types.filter(({ type }) => type !== 'none');
    entry.reject(
      this.#host.faults.make(
        'KEY_TYPE_MISMATCH',
        `A key that ${what} uses at ${where} holds something else: ${found.map(({ key, type }) => `'${key}' is a ${type}`).join(', ')}. Give the queue another name, or remove the key.`,
        { server: where, keys: found },
      ),
    );
  }
}
