import type { Reader, Writer } from './bytes.js';
import { readRun, writeRun } from './text.js';

/** Where each string ends, counted in UTF-16, and the text of all; false when one is no string. */
export function writeText(writer: Writer, values: readonly unknown[]): boolean {
  const count = values.length;
  if (!writer.room(count * 4)) return false;
  const { ints } = writer;
  const at = writer.at >> 2;
  writer.at += count * 4;
  const most = writer.left();
  let text = '';
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== 'string') return false;
    if (text.length + value.length > most) return writer.fail();
    text += value;
    ints[at + i] = text.length;
  }
  return writeRun(writer, text);
}

export function readText(reader: Reader, count: number, from: number, to: number): string[] {
  const { ints } = reader;
  const ends = reader.at >> 2;
  reader.at += count * 4;
  const start = from === 0 ? 0 : ints[ends + from - 1]!;
  const text = readRun(reader, start, to === 0 ? 0 : ints[ends + to - 1]!);
  const values = new Array<string>(to - from);
  let at = 0;
  for (let i = from; i < to; i++) {
    const end = ints[ends + i]! - start;
    values[i - from] = text.slice(at, end);
    at = end;
  }
  return values;
}
