import type { Address, Argument, Reply } from './types.js';

/** One socket to one server. It does not mend itself: when it breaks, another is opened. */
export interface Wire {
  /** Sends a command behind those sent before. Rejects with whatever the library rejects with. */
  send(args: readonly Argument[]): Promise<Reply>;
  subscribe(channel: string, sharded: boolean): Promise<unknown>;
  unsubscribe(channel: string, sharded: boolean): Promise<unknown>;
  /** Destroys the socket at once. All that was sent rejects. Harmless when repeated. */
  drop(): void;
}

export interface WireEvents {
  /** The socket broke; told once, and not after `drop`. */
  onDown(error: Error): void;
  onMessage(channel: string, payload: Buffer): void;
  /** The server took a sharded channel away, since its slot moved. */
  onMoved(): void;
}

/** Opens sockets through one client library. All waiting, retrying and routing is done above it, in one way for all. */
export interface Driver {
  /** Connects, authenticates and selects the database. `undefined` is the address in the user's own client. */
  open(target: Address | undefined, events: WireEvents, options: OpenOptions): Promise<Wire>;
  /** Tells an error that the server answered from one of the connection. */
  isReply(error: unknown): boolean;
}

export interface OpenOptions {
  /** Gives up and leaves no socket. */
  readonly signal: AbortSignal;
  /** Ms, as a limit for the library too. */
  readonly timeout: number;
}

/** After this many ms of silence the operating system asks whether the other side still lives. */
export const KEEP_ALIVE = 5000;

/** The libraries take bytes as `Buffer` only. */
export function argument(value: Argument): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
