import type { Reader, Writer } from './bytes.js';

/** What has nothing to it but to be itself: a byte each. */
const ATOMS: readonly unknown[] = [undefined, null, false, true];

export function writeAtoms(writer: Writer, values: readonly unknown[]): boolean {
  const count = values.length;
  if (!writer.room(count)) return false;
  for (let i = 0; i < count; i++) {
    const atom = ATOMS.indexOf(values[i]);
    if (atom < 0) return false;
    writer.bytes[writer.at++] = atom;
  }
  return true;
}

export function readAtoms(reader: Reader, from: number, to: number): unknown[] {
  const values: unknown[] = [];
  for (let i = from; i < to; i++) values.push(ATOMS[reader.bytes[reader.at + i]!]);
  return values;
}
