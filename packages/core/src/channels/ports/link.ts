import type { Departure } from '../../transport/backend.js';
import type { ValueForm } from './form.js';

/**
 * A two-way connection for one endpoint: what an adapter makes of its runtime's message ports. Messages arrive in the order
 * in which they were posted, and all that were posted before the other side closed, or died, arrive before `onLost`.
 */
export interface Link {
  /** How it carries values. Absent: by structured clone, as they are. */
  readonly form?: ValueForm | undefined;
  /**
   * How many items a consumer may have asked for ahead of need: more where an answer takes long. A power of two. Default: two
   * blocks.
   */
  readonly window?: number | undefined;
  /** By so many reports a consumer tells of a window that it uses up. Default 4; fewer where what is asked for comes at once. */
  readonly reports?: number | undefined;
  /**
   * Takes room for a producer that has none left, where that can be known at once: for how many items. Absent: its home is asked.
   * `again`: it has put in this turn before, so that a little is not worth it.
   */
  claim?(again: boolean): number;
  /** Copies a message to the other side, and moves what the list names. Does nothing once the link is closed or lost. */
  post(message: unknown, transfer?: readonly object[]): void;
  /**
   * Starts to receive. `onLost` is called once, when the other side has closed the link or is gone. `tell` posts what was put
   * off until the turn is over: a link may call it when others in this thread are to know. `more`: another message with items
   * comes right behind this one.
   */
  receive(onMessage: (message: readonly unknown[], more?: boolean) => void, onLost: () => void, tell?: () => void): void;
  /** Closes both sides. `onLost` is not called here. Harmless when repeated. */
  close(): void;
  /** Stops receiving and gives the raw port, to be moved elsewhere. What has not been received goes with it. */
  detach(via: Departure): object;
}
