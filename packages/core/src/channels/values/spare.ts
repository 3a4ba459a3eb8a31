/** Smaller buffers are made as fast as they are found. */
const SMALL = 4096;
/** A block's worth of them, and another's. */
const MOST_BYTES = 512 * 1024;

let spare: ArrayBuffer[] = [];
let bytes = 0;

/** Nobody has these buffers any more: copies are made in them again, since a new one of some size is slow to come by. */
export function giveSpare(buffers: readonly object[]): void {
  for (const buffer of buffers) {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < SMALL || bytes + buffer.byteLength > MOST_BYTES || spare.includes(buffer)) continue;
    spare.push(buffer);
    bytes += buffer.byteLength;
  }
}

/** One of just this size, with whatever it held. */
export function takeSpare(size: number): ArrayBuffer | undefined {
  const last = spare.at(-1);
  if (last === undefined || size < SMALL) return undefined;
  if (last.byteLength === size) {
    bytes -= size;
    return spare.pop();
  }
  // What is copied now is of another size: those that are kept are of no use.
  spare = [];
  bytes = 0;
  return undefined;
}
