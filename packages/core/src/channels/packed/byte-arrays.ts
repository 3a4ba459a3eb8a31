import type { Reader, Writer } from './bytes.js';
import { ownsBuffer } from './views.js';

/**
 * Where each array ends, and the bytes of all; false when one is anything else. Each begins at a multiple of 8: engines copy
 * from shared memory, and to it, word by word, and byte by byte what is not aligned.
 */
export function writeBytes(writer: Writer, values: readonly unknown[]): boolean {
  const count = values.length;
  let total = 0;
  for (const value of values) {
    if (!(value instanceof Uint8Array) || !isBytes(value)) return false;
    total = aligned(total) + value.length;
  }
  if (!writer.room(count * 4 + 8 + total)) return false;
  let end = 0;
  for (const value of values as readonly Uint8Array[]) writer.int((end = aligned(end) + value.length));
  for (const value of values as readonly Uint8Array[]) {
    writer.align();
    writer.bytes.set(value, writer.at);
    writer.at += value.length;
  }
  return true;
}

function aligned(at: number): number {
  return (at + 7) & ~7;
}

function isBytes(value: Uint8Array): boolean {
  return Object.getPrototypeOf(value) === Uint8Array.prototype && ownsBuffer(value);
}

export function readBytes(reader: Reader, count: number, from: number, to: number): Uint8Array[] {
  const { ints } = reader;
  const ends = reader.at >> 2;
  const base = aligned(reader.at + count * 4);
  const values: Uint8Array[] = [];
  let at = from === 0 ? 0 : aligned(ints[ends + from - 1]!);
  for (let i = from; i < to; i++) {
    const end = ints[ends + i]!;
    values.push(new Uint8Array(reader.copy(base + at, base + end)));
    at = aligned(end);
  }
  return values;
}
