import type { Writer } from './bytes.js';

/** As 32 bits each; false when one is no such integer. */
export function writeInts(writer: Writer, values: readonly unknown[]): boolean {
  const count = values.length;
  if (!writer.room(count * 4)) return false;
  const { ints } = writer;
  const at = writer.at >> 2;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    // Of the zeros, one is no integer of 32 bits.
    if (typeof value !== 'number' || !Object.is((ints[at + i] = value), ints[at + i])) return false;
  }
  writer.at += count * 4;
  return true;
}

/** As 64 bits each; false when one is no number. */
export function writeDoubles(writer: Writer, values: readonly unknown[]): boolean {
  const count = values.length;
  if (!writer.room(count * 8)) return false;
  const { doubles } = writer;
  const at = writer.at >> 3;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== 'number') return false;
    doubles[at + i] = value;
  }
  writer.at += count * 8;
  return true;
}

export function listInts(numbers: Int32Array): unknown[] {
  const values = new Array<unknown>(numbers.length);
  for (let i = 0; i < values.length; i++) values[i] = numbers[i];
  return values;
}

/** Apart from the other one, so that engines keep numbers as they are in both lists. */
export function listDoubles(numbers: Float64Array): unknown[] {
  const values = new Array<unknown>(numbers.length);
  for (let i = 0; i < values.length; i++) values[i] = numbers[i];
  return values;
}
