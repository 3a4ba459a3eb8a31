import { PEER, PIPE_END } from '../protocol/kinds.js';
import type { Runtime } from '../runtime/runtime.js';

/** What was put together of endpoints where it arrived. */
export interface Assembled {
  /** Fires when whoever holds it is asked to stop. */
  readonly signal: AbortSignal;
  /** Closes it and its endpoints. */
  close(): Promise<void>;
}

type Assemble = (parts: never, runtime: Runtime) => Assembled;

/**
 * A table, not a registry: whoever receives arguments knows all kinds, whatever else was loaded. They are loaded when one has
 * come: few workers hold conversations.
 */
const kinds: Record<string, () => Promise<Assemble>> = {
  [PEER]: async () => (await import('../protocol/peer.js')).assemblePeer,
  [PIPE_END]: async () => (await import('../protocol/pipe.js')).assemblePipeEnd,
};

/** Loads what puts these kinds together. */
export async function loadAssembly(needed: ReadonlySet<string>): Promise<(kind: string, parts: unknown, runtime: Runtime) => Assembled> {
  const loaded = new Map<string, Assemble>();
  for (const kind of needed) {
    const load = kinds[kind];
    if (load === undefined) throw new Error(`A worker was given a ${kind}, which this version of @millrace/core does not know.`);
    loaded.set(kind, await load());
  }
  return (kind, parts, runtime) => loaded.get(kind)!(parts as never, runtime);
}
