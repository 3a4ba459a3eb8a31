import type { ItemHeaders } from '../../transport/backend.js';

/**
 * What travels over a link: arrays that begin with one of these numbers. Producers and consumers use disjoint ones, since a
 * consumer's link also carries what its deliveries put.
 *
 * A block of items, either way, is `[kind, codec, count, epoch, sequence, body, extra]`: its header is the same for every
 * channel and every codec. From a producer, `sequence` counts its items; to a consumer, it names the block, so that acks and
 * give-backs can name block and range.
 */
export const TO_HOME = Object.freeze({
  /** A block of items, for which there is credit. */
  BLOCK: 1,
  /** `[kind, items]`: puts wait for so many more credits, or fewer. */
  WANT: 2,
  /** `[kind, items]`: the answer to RECALL. */
  RETURN: 3,
  /** `[kind, request]`: answered by FLUSHED. */
  FLUSH: 4,
  /** `[kind, request, ...block]`: a block whose items' home decides on each; answered by ANSWERS. */
  ASK: 5,
  /** `[kind, request, put id]`: answered by SEEN. */
  SEEN: 6,
  /** `[kind]`: answered by CLOSED. */
  CLOSE: 7,
  /** `[kind, request]`: room for one item, now or not at all; answered by TRIED. */
  TRY: 9,
  /** `[kind, items]`: so many puts were refused there, since the gate is known to be closed. */
  REFUSED: 10,
  /**
   * `[kind, number, waiting, nacks, put, latest]`: the answer to RENEW, with its number. So many puts wait; of a consumer also how many items it has given
   * back and its deliveries have put, and the latest block that has come.
   */
  RENEWED: 11,
  /** `[kind, request, epoch]`: the answer to SYNC, with its epoch. */
  SYNCED: 8,
  /**
   * `[kind, begun, acked, demand, waiting, received, held, shown]`: begun `[block, upTo]*`, acked `[block, from, to]*`, how many
   * more items are asked for (or fewer), how many takers wait, and the latest block that has come. The last two are absent if
   * empty: what of the begun is held back from user code, `[block, from, to]*`, and what of that it has got now.
   */
  REPORT: 20,
  /** `[kind, block, index, begun, error]`: one item comes back, and why. */
  NACK: 21,
  /** `[kind, ranges, values]`: the answer to RECALL; `[block, from, to]*` were not begun; values that were moved. */
  GIVE_BACK: 22,
  /** `[kind, request, more]`: an item if there is one, and `more` items in all; answered by POLLED, behind them. */
  POLL: 23,
  /** `[kind, block, index, error]`: one item is to become a dead letter, and why. */
  REJECT: 24,
} as const);

export const TO_ENDPOINT = Object.freeze({
  /** `[kind, items, wanted]`: so many more may be sent, so many of them in answer to WANT. */
  CREDIT: 41,
  /** `[kind]`: return what is not used (a producer's credits, a consumer's unbegun items). */
  RECALL: 42,
  FLUSHED: 43,
  /** `[kind, request, answers]` */
  ANSWERS: 44,
  /** `[kind, request, seen]` */
  SEEN: 45,
  CLOSED: 46,
  /** `[kind, request, granted]`: one more may be sent. */
  TRIED: 50,
  /** `[kind, request, epoch, refusing]`: send what was accepted, drop what is older, refuse or not; answered by SYNCED. */
  SYNC: 47,
  /** `[kind]`: the latest waiting put of a delivery can never find room. */
  STUCK: 48,
  /** `[kind, code, message]`: the queue is no more. */
  GONE: 49,
  /** `[kind, number, error]`: its home had given it up, and what it held is lost; with an error, so are answers under way. */
  RENEW: 51,
  /** A block of items; `extra` may hold attempts and marks. */
  ITEMS: 60,
  /** `[kind, changes, alone]`: the queue is drained, and (alone) what is in hand is all this endpoint's. */
  DRAINED: 61,
  /** `[kind, request, found]` */
  POLLED: 62,
} as const);

/** The body of a block is an array of values, carried by structured clone. */
export const CODEC_CLONE = 0;
/** The body is bytes, which its home does not look into. */
export const CODEC_BYTES = 1;
/** The body is `Columns`, carried by structured clone. */
export const CODEC_COLUMNS = 2;

/** Places in a block's body that need more than structured clone, and what an item's attempt is where it is not 1. */
export interface BlockExtra {
  /** Values that hold errors, packed. */
  readonly rich?: readonly number[];
  /** Values that were moved. */
  readonly moved?: readonly number[];
  readonly attempts?: readonly (readonly [index: number, attempt: number])[];
  readonly headers?: readonly (readonly [index: number, headers: ItemHeaders])[];
  /** Grows with every block that is dealt out. */
  readonly fence?: number;
  /** The item is to be reported before it is begun: it may be what kills. */
  readonly alone?: boolean;
}

/** Ask for at most so many items in a block: beyond 256, larger blocks bring nothing. */
export const BLOCK_ITEMS = 256;
/** Cut a block at about so many bytes. */
export const BLOCK_BYTES = 256 * 1024;
