import { isApart, isObject, Met } from './apart.js';
import { readAtoms, writeAtoms } from './atoms.js';
import { readBytes, writeBytes } from './byte-arrays.js';
import type { Reader, Writer } from './bytes.js';
import { listDoubles, listInts, writeDoubles, writeInts } from './numbers.js';
import { DEEPEST, isRecord } from './plain.js';
import { makeRows } from './rows.js';
import { readText, writeText } from './strings.js';
import { readTagged, writeTagged } from './tagged.js';

/** Numbers in the bytes themselves, or values that were made of them. */
type ReadColumn = Int32Array | Float64Array | unknown[];

/**
 * How a column is laid out. It begins at a multiple of 8 with its layout and how many bytes follow, so that a reader may
 * skip it; numbers are in the byte order of the machine.
 */
const INTS = 1;
const DOUBLES = 2;
/** Only undefined, null, false and true: a byte each. */
const ATOMS = 3;
/** Where each string ends, and the text of all. */
const TEXT = 4;
/** Where each array of bytes ends, and the bytes of all. */
const BYTES = 5;
/** The keys, and a column for each. */
const RECORDS = 6;
/** Values one by one. */
const TAGGED = 7;

/** Columns that may hold objects. */
const OF_OBJECTS = new Set([BYTES, RECORDS, TAGGED]);

const HEAD = 8;

/** Objects of more fields are no records. */
const MANY_FIELDS = 64;

/**
 * Writes the values of a column, and answers in which layout. Undefined when one of them needs more than any layout carries, or
 * when there is no room. Objects in it may not be shared with other columns: see `writeRecords`.
 */
export function writeColumn(
  writer: Writer,
  values: readonly unknown[],
  depth: number,
): number | undefined {
  writer.align();
  if (depth > DEEPEST || !writer.room(HEAD)) return undefined;
  const head = writer.at;
  let layout = writeAlike(writer, values, head + HEAD, depth);
  if (layout === undefined) {
    writer.at = head + HEAD;
    if (writer.full || !writeTagged(writer, values, depth)) return undefined;
    layout = TAGGED;
  }
  const end = writer.at;
  writer.at = head;
  writer.int(layout);
  writer.int(end - head - HEAD);
  writer.at = end;
  return layout;
}

/** The layout in which values were written that are alike. */
function writeAlike(
  writer: Writer,
  values: readonly unknown[],
  at: number,
  depth: number,
): number | undefined {
  const first = values[0];
  const again = (
    layout: number,
    write: (writer: Writer, values: readonly unknown[], depth: number) => boolean,
  ) => {
    writer.at = at;
    return write(writer, values, depth) ? layout : undefined;
  };
  switch (typeof first) {
    case 'number':
      return again(INTS, writeInts) ?? again(DOUBLES, writeDoubles);
    case 'string':
      return again(TEXT, writeText);
    case 'boolean':
    case 'undefined':
      return again(ATOMS, writeAtoms);
    case 'object':
      if (first === null) return again(ATOMS, writeAtoms);
      return isRecord(first) ? again(RECORDS, writeRecords) : again(BYTES, writeBytes);
    default:
      return undefined;
  }
}

/** The values from one index to before another one, of a column of so many; the reader is behind the column. */
export function readValues(reader: Reader, count: number, from: number, to: number): unknown[] {
  const column = readColumn(reader, count, from, to);
  if (column instanceof Int32Array) return listInts(column);
  return column instanceof Float64Array ? listDoubles(column) : column;
}

/** Like `readValues`, but numbers stay where they are, since those of records are read from there. */
function readColumn(reader: Reader, count: number, from: number, to: number): ReadColumn {
  reader.align();
  const layout = reader.int();
  const end = reader.at + 4 + reader.int();
  const values = readLayout(reader, layout, count, from, to);
  reader.at = end;
  return values;
}

function readLayout(
  reader: Reader,
  layout: number,
  count: number,
  from: number,
  to: number,
): ReadColumn {
  switch (layout) {
    case INTS:
      return reader.ints.subarray((reader.at >> 2) + from, (reader.at >> 2) + to);
    case DOUBLES:
      return reader.doubles(reader.at + from * 8, to - from);
    case ATOMS:
      return readAtoms(reader, from, to);
    case TEXT:
      return readText(reader, count, from, to);
    case BYTES:
      return readBytes(reader, count, from, to);
    case RECORDS:
      return readRecords(reader, count, from, to);
    default:
      return readTagged(reader, count, from, to);
  }
}

/**
 * A field's object that is also in another field would come out as two, so that before a second column with objects is written
 * all the records are looked through. In one column, an object can only be met again below itself, and then there is no end,
 * which `DEEPEST` sets.
 */
function writeRecords(writer: Writer, values: readonly unknown[], depth: number): boolean {
  const keys = Object.keys(values[0] as object);
  if (
    keys.length === 0 ||
    keys.length > MANY_FIELDS ||
    keys.includes('__proto__') ||
    keys.includes('constructor')
  )
    return false;
  const count = values.length;
  const fields = fieldsOf(values, keys);
  if (fields === undefined || !writer.room(HEAD)) return false;
  writer.int(keys.length);
  if (!writeText(writer, keys)) return false;
  /** Whether a column with objects has been written. */
  let nested = false;
  /** Whether the records were looked through. */
  let apart = false;
  for (let k = 0; k < keys.length; k++) {
    const column = fields.slice(k * count, (k + 1) * count);
    if (nested && !apart && column.some(isObject)) {
      if (!areApart(values)) return false;
      apart = true;
    }
    const layout = writeColumn(writer, column, depth + 1);
    if (layout === undefined) return false;
    nested ||= OF_OBJECTS.has(layout);
  }
  return true;
}

/**
 * All values of the first key, then those of the next; undefined when the records do not all have these keys, in this order.
 *
 * Among clones, those that inherit this constructor are the plain objects, and to ask for the prototype takes longer than all
 * the rest.
 */
function fieldsOf(values: readonly unknown[], keys: readonly string[]): unknown[] | undefined {
  const count = values.length;
  const fields = new Array<unknown>(count * keys.length);
  for (let i = 0; i < count; i++) {
    const record = values[i];
    if (!isObject(record) || record.constructor !== Object) return undefined;
    let at = i;
    let k = 0;
    // The quickest way to keys and values at once.
    for (const key in record) {
      if (key !== keys[k++]) return undefined;
      fields[at] = (record as Record<string, unknown>)[key];
      at += count;
    }
    if (k !== keys.length) return undefined;
  }
  return fields;
}

function areApart(values: readonly unknown[]): boolean {
  const met = new Met();
  for (const value of values) {
    met.clear();
    if (!isApart(value as object, met, 0)) return false;
  }
  return true;
}

function readRecords(reader: Reader, count: number, from: number, to: number): unknown[] {
  const fields = reader.int();
  const keys = readText(reader, fields, 0, fields);
  const columns = keys.map(() => readColumn(reader, count, from, to));
  return makeRows(keys, columns, to - from);
}
