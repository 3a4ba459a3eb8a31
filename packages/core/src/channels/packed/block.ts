import { BLOCK_BYTES, type BlockExtra } from '../ports/messages.js';
import { Reader, Writer } from './bytes.js';
import { readValues, writeColumn } from './columns.js';

/** A block is cut at about `BLOCK_BYTES`, by a guess at its weight. */
const MOST = BLOCK_BYTES + 64 * 1024;

const HEAD_BYTES = 16;
const NOTHING: readonly never[] = Object.freeze([]);

/** One for all: packing is one step, and its result is copied at once. */
let scratch: Writer | undefined;

/** How many blocks were packed here: what was packed is good until the next one is. */
export const packing = { blocks: 0 };

/**
 * The values of a block, and what of their extra concerns packing, as bytes. Undefined when one of them needs more than this
 * carries, or when they take more than `most` bytes.
 *
 * The values are copies, as structured clone makes them, and what two of them share does not matter. The bytes are a view of a
 * buffer that is used again for the next block: copy them before. They begin at a multiple of 8, and so must their copy.
 */
export function packBlock(
  values: readonly unknown[],
  extra: BlockExtra | undefined,
  most = MOST,
): Uint8Array | undefined {
  if (extra !== undefined && !isCarried(extra)) return undefined;
  const rich = extra?.rich ?? NOTHING;
  const headers = extra?.headers ?? NOTHING;
  packing.blocks++;
  const writer = (scratch ??= new Writer());
  writer.begin(most);
  if (!writer.room(HEAD_BYTES)) return undefined;
  writer.int(values.length);
  writer.int(rich.length);
  writer.int(headers.length);
  writer.int(0);
  const columns: (readonly unknown[])[] = [values];
  if (rich.length > 0) columns.push(rich);
  if (headers.length > 0) {
    columns.push(headers.map(([index]) => index));
    columns.push(headers.map(([, fields]) => fields));
  }
  for (const column of columns) if (writeColumn(writer, column, 0) === undefined) return undefined;
  return writer.bytes.subarray(0, writer.at);
}

/**
 * The values of the items from one index to before another one, and the extra of just those, with indexes counted from `from`.
 *
 * @param bytes - what `packBlock` made, in memory that nobody else writes to
 */
export function unpackBlock(
  bytes: Uint8Array,
  from: number,
  to: number,
): { values: unknown[]; extra: BlockExtra | undefined } {
  const reader = new Reader(bytes);
  const count = reader.int();
  const rich = reader.int();
  const headers = reader.int();
  reader.at = HEAD_BYTES;
  const values = readValues(reader, count, from, to);
  if (rich + headers === 0) return { values, extra: undefined };
  const richOnes = rich === 0 ? NOTHING : within(indexes(reader, rich), from, to);
  const headed = headers === 0 ? NOTHING : readHeaders(reader, headers, from, to);
  if (richOnes.length + headed.length === 0) return { values, extra: undefined };
  return {
    values,
    extra: {
      ...(richOnes.length === 0 ? undefined : { rich: richOnes }),
      ...(headed.length === 0 ? undefined : { headers: headed }),
    },
  };
}

/** What was moved is nobody else's to copy; and attempts, fences and what may kill are of blocks that are dealt out. */
function isCarried({ moved, attempts, fence, alone }: BlockExtra): boolean {
  return (
    (moved?.length ?? 0) + (attempts?.length ?? 0) === 0 && fence === undefined && alone !== true
  );
}

type Headers = NonNullable<BlockExtra['headers']>;

function readHeaders(reader: Reader, count: number, from: number, to: number): Headers {
  const at = indexes(reader, count);
  const first = at.findIndex((index) => index >= from);
  const chosen = within(at, from, to);
  if (chosen.length === 0) return NOTHING;
  const fields = readValues(reader, count, first, first + chosen.length);
  return chosen.map((index, i) => [index, fields[i] as Headers[number][1]]);
}

function indexes(reader: Reader, count: number): number[] {
  return readValues(reader, count, 0, count) as number[];
}

/** Indexes ascend. */
function within(indexes: readonly number[], from: number, to: number): number[] {
  return indexes.filter((index) => index >= from && index < to).map((index) => index - from);
}
