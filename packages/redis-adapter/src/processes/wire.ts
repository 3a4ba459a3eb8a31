import type { FromWorker, ToWorker, WorkerStart } from '@millrace/core/channels';
import { Deserializer, Serializer } from 'node:v8';
import type { ChildPlace } from './home.js';

/** What a process is told first. */
export interface Begin {
  readonly kind: 'begin';
  readonly start: WorkerStart;
  readonly child: ChildPlace;
  /** How long, in ms, its worker may take to stop when its parent is gone. */
  readonly grace: number;
}

export type ToProcess = Begin | ToWorker;

/** A message on the channel of a process, which the modules it loads may use as well. */
export interface Envelope {
  readonly millrace: Uint8Array;
}

/**
 * Structured clone as V8 has it. The channel's own way differs from it: it copies views apart from their buffers, and what
 * it does not know as if it were plain.
 */
export function seal(message: ToProcess | FromWorker): Envelope {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(message);
  return { millrace: serializer.releaseBuffer() };
}

/** The message, or undefined if it is none of ours. Whoever reads knows from which side it comes. */
export function unseal<Message extends ToProcess | FromWorker>(envelope: unknown): Message | undefined {
  const bytes = (envelope as Partial<Envelope> | null)?.millrace;
  if (!(bytes instanceof Uint8Array)) return undefined;
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue() as Message;
}
