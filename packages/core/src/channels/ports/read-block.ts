import type { ItemHeaders } from '../../transport/backend.js';
import { type Packed, unpackErrors } from '../values/errors.js';
import { unpackBody } from './columns.js';
import type { BlockExtra } from './messages.js';

/** A block that arrived by structured clone, with its values as they were put. */
export interface Block {
  readonly count: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly values: unknown[];
  readonly extra: BlockExtra;
  readonly headers: ReadonlyMap<number, ItemHeaders> | undefined;
}

const NO_EXTRA: BlockExtra = Object.freeze({});

/** Reads a block out of a message, from its header's first field on. */
export function readBlock(message: readonly unknown[], at: number): Block {
  const count = message[at + 1] as number;
  const values = unpackBody(message[at] as number, message[at + 4], count);
  const extra = (message[at + 5] as BlockExtra | undefined) ?? NO_EXTRA;
  for (const i of extra.rich ?? []) values[i] = unpackErrors(values[i] as Packed);
  return {
    count,
    epoch: message[at + 2] as number,
    sequence: message[at + 3] as number,
    values,
    extra,
    headers: extra.headers === undefined || extra.headers.length === 0 ? undefined : new Map(extra.headers),
  };
}
