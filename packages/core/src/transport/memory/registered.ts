import type { MillraceError } from '../../errors/error.js';
import type { EndpointInfo, Taker } from '../backend.js';
import type { Entry } from './entry.js';
import type { InLine } from '../line.js';

/** Whoever waits for room: an endpoint, which keeps its own putters in order. */
export interface RoomSeeker extends InLine<RoomSeeker> {
  /** How many items it has to send now. */
  readonly wants: number;
  /** When it began to wait, on the runtime's clock. */
  since: number;
  /** Gives it room for `n` items, all of which it uses or reserves. */
  grant(n: number): void;
}

/** Who serves a taker whose turn it is: a consumer of this process, or the dispatcher for far ones. */
export interface ItemServer {
  /** Gives it the oldest item that waits. */
  serve(taker: Taker): void;
  /** Gives it this very item, which has just come and has none before it. Absent where items are not given at once. */
  hand?(taker: Taker, entry: Entry): void;
}

/** What an endpoint shows of itself to its home. */
export interface Registered {
  readonly id: string;
  readonly info: EndpointInfo;
  /** Unsettled items that its user code holds. */
  readonly inHand: number;
  /** Whether it waits to put into the queue that it consumes from. */
  readonly stuck?: boolean;
  /** Fails its latest such wait. */
  unstick?(): void;
  /** Fails all its waits. */
  dispose?(error: MillraceError): void;
}
