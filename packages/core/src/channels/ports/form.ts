import type { ItemHeaders, PutMeta } from '../../transport/backend.js';
import type { BlockExtra } from './messages.js';

/**
 * How values travel over a link. A link whose messages are copied by structured clone needs none of its own; one that carries
 * bytes brings one, so that a value is turned into bytes by its very put, and back when its item is taken.
 */
export interface ValueForm {
  /**
   * Fixes and judges a value that waits: changing the original changes nothing from now on. Throws `VALUE_NOT_CLONEABLE` or
   * `VALUE_TOO_LARGE`; `at` is what to put before the path in their text.
   */
  fix(value: unknown, at?: string): unknown;
  /** A block for a producer to fill, again and again. */
  open(): OpenBlock;
  /** Reads a block out of a message, from its header's first field on. */
  read(message: readonly unknown[], at: number): ArrivedBlock;
  /** Why an item was given up, as it travels to its home; never throws. */
  packReason(reason: unknown): unknown;
}

/** The block that a producer is filling. */
export interface OpenBlock {
  readonly count: number;
  readonly full: boolean;
  /** Fixes a value and adds it. When it throws, the block is as before. */
  put(value: unknown): void;
  /** Adds a value that `fix` made, or one that was not fixed since it is to be moved: it is moved now. Throws as `put` does. */
  add(fixed: unknown, meta: PutMeta | undefined): void;
  /** Ends the block: header, body and what is to be moved with it. The next one is begun. */
  cut(epoch: number, sequence: number): { readonly block: readonly unknown[]; readonly transfer: readonly object[] };
}

/** A block that has come to its consumer. */
export interface ArrivedBlock {
  readonly count: number;
  /** The block's name. */
  readonly sequence: number;
  readonly values: ArrivedValues;
  readonly extra: BlockExtra;
}

export interface ArrivedValues {
  /** That of the item in this place, to be asked for once. Throws `VALUE_UNREADABLE`. */
  take(index: number): unknown;
  /** Those of the items from one place to before another one, where each of them can be read. */
  takeRun?(from: number, to: number): unknown[];
  headers(index: number): ItemHeaders | undefined;
}
