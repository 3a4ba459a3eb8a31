import type { Reader, Writer } from './bytes.js';
import { TaggedReader } from './tagged-reader.js';
import { TaggedWriter } from './tagged-writer.js';
import { readRun, writeRun } from './text.js';

/**
 * Values one by one: for each, where its bytes end and where its text does, so that a reader can begin at any of them; then the
 * bytes, the text of all as one run, and the keys of the objects, each set of them once.
 */
export function writeTagged(writer: Writer, values: readonly unknown[], depth: number): boolean {
  const count = values.length;
  if (!writer.room(count * 8)) return false;
  const tables = writer.at;
  writer.at += count * 8;
  const start = writer.at;
  const writing = new TaggedWriter(writer);
  for (let i = 0; i < count; i++) {
    if (!writing.item(values[i], depth)) return false;
    const at = (tables >> 2) + i * 2;
    writer.ints[at] = writer.at - start;
    writer.ints[at + 1] = writing.text.length;
  }
  return writeRun(writer, writing.text) && writeShapes(writer, writing.shapes);
}

export function readTagged(reader: Reader, count: number, from: number, to: number): unknown[] {
  if (from === to) return [];
  const { ints } = reader;
  const tables = reader.at >> 2;
  const start = reader.at + count * 8;
  const end = (index: number, which: number) =>
    index === 0 ? 0 : ints[tables + (index - 1) * 2 + which]!;
  reader.at = start + end(count, 0);
  const text = readRun(reader, end(from, 1), end(to, 1));
  const shapes = readShapes(reader);
  reader.at = start + end(from, 0);
  const reading = new TaggedReader(reader, text, shapes);
  const values: unknown[] = [];
  for (let i = from; i < to; i++) values.push(reading.value());
  return values;
}

function writeShapes(writer: Writer, shapes: readonly (readonly string[])[]): boolean {
  const keys = shapes.flat();
  writer.align();
  if (!writer.room(4 + shapes.length * 4 + keys.length * 4)) return false;
  writer.int(shapes.length);
  for (const shape of shapes) writer.int(shape.length);
  for (const key of keys) writer.int(key.length);
  return writeRun(writer, keys.join(''));
}

function readShapes(reader: Reader): string[][] {
  reader.align();
  const sizes = Array.from({ length: reader.int() }, () => reader.int());
  const lengths = sizes.map((size) => Array.from({ length: size }, () => reader.int()));
  const text = readRun(
    reader,
    0,
    lengths.flat().reduce((sum, length) => sum + length, 0),
  );
  let at = 0;
  return lengths.map((shape) => shape.map((length) => text.slice(at, (at += length))));
}
