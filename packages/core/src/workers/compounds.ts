import { assemblePeer, PEER } from '../protocol/peer.js';
import { assemblePipeEnd, PIPE_END } from '../protocol/pipe.js';
import type { Runtime } from '../runtime/runtime.js';

/** What was put together of endpoints where it arrived. */
export interface Assembled {
  /** Fires when whoever holds it is asked to stop. */
  readonly signal: AbortSignal;
  /** Closes it and its endpoints. */
  close(): Promise<void>;
}

/** A table, not a registry: whoever receives arguments knows all kinds, whatever else was loaded. */
const kinds: Record<string, (parts: never, runtime: Runtime) => Assembled> = {
  [PEER]: assemblePeer,
  [PIPE_END]: assemblePipeEnd,
};

export function assemble(kind: string, parts: unknown, runtime: Runtime): Assembled {
  const make = kinds[kind];
  if (make === undefined) throw new Error(`A worker was given a ${kind}, which this version of @millrace/core does not know.`);
  return make(parts as never, runtime);
}
