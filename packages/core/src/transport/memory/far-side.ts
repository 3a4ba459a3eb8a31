import type { Departure, EndpointInfo, EndpointToken } from '../backend.js';

/** Endpoints in other places, which hold reserved room and items fetched ahead. Absent where endpoints cannot travel. */
export interface FarSide {
  /** Asks far producers to return the room they do not use. */
  recallRoom(): void;
  /** There is as much room as `roomAlarm` says. */
  roomCame(): void;
  /** Asks as well, and resolves when all have answered. */
  roomRecalled(): Promise<void>;
  /** Somebody here waits for items: asks far consumers to return what they fetched and did not begin. */
  recallItems(): void;
  /** Asks as well, and lets `find` look whenever something came back, until nobody is left to ask; undefined when nobody is to begin with. */
  findRecalled<T>(find: () => T | undefined): Promise<T | undefined> | undefined;
  /** The queue is drained: far iterations may have to end. */
  drained(): void;
  /** A new epoch began. Resolves when no far endpoint can hand out, or send as new, anything older. */
  cleared(): Promise<void> | undefined;
  /** Tells far endpoints whether the queue refuses. Resolves when all know. */
  gateMoved(): Promise<void> | undefined;
  /** Resolves when whatever far producers had accepted has arrived; `note` hears of each such item, by its place in the order. */
  gathered(note: (order: number) => void): Promise<void> | undefined;
  /** Moves an endpoint of this process to a worker. */
  adopt(endpoint: { readonly id: string; readonly info: EndpointInfo }, role: 'producer' | 'consumer', via: Departure): EndpointToken;
  /** Closes all links. */
  dispose(): void;
}
