import { refusalOf, type Faults } from './errors.js';
import { backoff, pause } from './line.js';
import { numberOf } from './replies.js';
import type { Node } from './node.js';
import type { Routes } from './routes.js';
import type { Argument, Reply } from './types.js';
import type { Wire } from './wire.js';

/** How long the server has to let a blocked command go, in ms, before its connection is cut. */
const UNBLOCK_LIMIT = 1000;
/** The command to be cut off may be on its way still; ms between two tries. */
const UNBLOCK_PAUSE = 20;

export interface BlockingHost {
  readonly faults: Faults;
  /** Fires when the connection is closed or has failed for good. */
  readonly signal: AbortSignal;
  isReply(error: unknown): boolean;
}

interface Free {
  readonly node: Node;
  readonly wire: Wire;
  readonly id: number;
  broken: boolean;
}

/** Connections for commands that block: one for each that blocks at the same time. They are kept for the next ones. */
export class BlockingLines {
  readonly #routes: Routes;
  readonly #host: BlockingHost;
  readonly #faults: Faults;
  readonly #end: AbortSignal;
  readonly #free = new Set<Free>();
  readonly #used = new Set<Free>();

  constructor(routes: Routes, host: BlockingHost) {
    this.#routes = routes;
    this.#host = host;
    this.#faults = host.faults;
    this.#end = host.signal;
    this.#end.addEventListener('abort', () => this.reset(), { once: true });
  }

  reset(): void {
    for (const line of [...this.#free, ...this.#used]) this.#discard(line);
  }

  async send(key: string, args: readonly Argument[], signal: AbortSignal): Promise<Reply> {
    // Of its own, so that signals that live long gather nothing.
    const either = new AbortController();
    const sources = [signal, this.#end];
    const abort = (): void => either.abort(sources.find(({ aborted }) => aborted)?.reason);
    for (const source of sources) source.addEventListener('abort', abort);
    try {
      if (sources.some(({ aborted }) => aborted)) abort();
      return await this.#send(key, args, either.signal);
    } finally {
      for (const source of sources) source.removeEventListener('abort', abort);
    }
  }

  async #send(key: string, args: readonly Argument[], stop: AbortSignal): Promise<Reply> {
    for (let attempt = 0; ; attempt++) {
      stop.throwIfAborted();
      const line = await this.#take(key, stop);
      if (line === undefined) {
        await pause(backoff(attempt), stop);
        continue;
      }
      const answer = await this.#ask(line, args, stop);
      if (!('refused' in answer)) return answer.reply;
      this.#discard(line);
      const refusal = refusalOf(answer.refused, line.node.address);
      if (refusal === undefined)
        throw this.#faults.failure(answer.refused, line.node.place, String(args[0]));
      if (refusal.kind === 'moved') this.#routes.moved(refusal.slot, refusal.address);
      else this.#routes.stale();
      if (refusal.kind === 'demoted') line.node.reset(this.#faults.readOnly(line.node.place));
      await pause(backoff(attempt), stop);
    }
  }

  async #ask(
    line: Free,
    args: readonly Argument[],
    stop: AbortSignal,
  ): Promise<{ reply: Reply } | { refused: string }> {
    let done = false;
    const cut = (): void => void this.#cut(line, () => done);
    stop.addEventListener('abort', cut, { once: true });
    try {
      const reply = await line.wire.send(args);
      this.#used.delete(line);
      if (line.broken) line.wire.drop();
      else this.#free.add(line);
      // What came although it was not wanted any more is not thrown away.
      if (reply === null) stop.throwIfAborted();
      return { reply };
    } catch (error) {
      stop.throwIfAborted();
      if (this.#host.isReply(error) && error instanceof Error) return { refused: error.message };
      throw this.#faults.lost(line.node.place, error);
    } finally {
      done = true;
      stop.removeEventListener('abort', cut);
    }
  }

  /** Asks the server to let the command go, so that nothing it is just answering is lost; else cuts the connection. */
  async #cut(line: Free, done: () => boolean): Promise<void> {
    const until = performance.now() + UNBLOCK_LIMIT;
    while (!done() && !this.#end.aborted && performance.now() < until) {
      const wire = line.node.wire;
      if (wire === undefined) break;
      const late = pause(until - performance.now(), this.#end).then(() => null);
      const answer = await Promise.race([
        wire.send(['CLIENT', 'UNBLOCK', String(line.id)]).catch(() => null),
        late,
      ]);
      if (answer === null) break;
      await pause(answer === 1 ? until - performance.now() : UNBLOCK_PAUSE, this.#end);
    }
    if (!done()) this.#discard(line);
  }

  async #take(key: string, stop: AbortSignal): Promise<Free | undefined> {
    const node = this.#routes.owner(this.#routes.slotOf(key));
    if (node?.wire === undefined) return undefined;
    for (const line of this.#free) {
      if (line.node !== node) continue;
      this.#free.delete(line);
      this.#used.add(line);
      return line;
    }
    let line: Free | undefined;
    let broken = false;
    try {
      const wire = await node.another(stop, () => {
        broken = true;
        if (line !== undefined) this.#discard(line);
      });
      const id = numberOf(await wire.send(['CLIENT', 'ID']).catch(() => null));
      line = { node, wire, id, broken };
    } catch {
      return undefined;
    }
    if (stop.aborted || line.broken) {
      line.wire.drop();
      return undefined;
    }
    this.#used.add(line);
    return line;
  }

  #discard(line: Free): void {
    line.broken = true;
    this.#free.delete(line);
    this.#used.delete(line);
    line.wire.drop();
  }
}
