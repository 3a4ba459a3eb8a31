import { CODEC_CLONE, CODEC_COLUMNS } from './messages.js';

/**
 * The body of a block whose values are alike: numbers, or objects with the same fields. One clone of a few arrays costs a
 * fraction of that of many objects.
 */
export type Columns = Numbers | readonly [keys: readonly string[], ...columns: readonly Column[]];

type Numbers = Int32Array | Float64Array;
type Column = Numbers | readonly unknown[];

export interface PackedBody {
  readonly codec: number;
  readonly body: unknown;
}

/** With fewer values, arrays take more than they save. */
const FEW = 4;
/** Objects of more fields are no records. */
const MANY_FIELDS = 64;

/** Packs values that structured clone carries and that are fixed: copies, which share nothing with each other. */
export function packBody(values: readonly unknown[]): PackedBody {
  const body = values.length < FEW ? undefined : columnsOf(values);
  return body === undefined ? { codec: CODEC_CLONE, body: values } : { codec: CODEC_COLUMNS, body };
}

/** The values of a block's body, which is its reader's own. */
export function unpackBody(codec: number, body: unknown, count: number): unknown[] {
  if (codec !== CODEC_COLUMNS) return body as unknown[];
  const columns = body as Columns;
  if (ArrayBuffer.isView(columns)) return [...columns];
  const [keys] = columns;
  const fields = keys.length;
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const row: Record<string, unknown> = {};
    for (let k = 0; k < fields; k++) row[keys[k]!] = columns[k + 1]![i];
    rows.push(row);
  }
  return rows;
}

function columnsOf(values: readonly unknown[]): Columns | undefined {
  const first = values[0];
  if (typeof first === 'number') return numbersOf(values);
  if (!isRecord(first)) return undefined;
  const keys = Object.keys(first);
  if (keys.length === 0 || keys.length > MANY_FIELDS || keys.includes('__proto__'))
    return undefined;
  for (const value of values) if (!isRecord(value) || !hasKeys(value, keys)) return undefined;
  const records = values as readonly Record<string, unknown>[];
  const columns: Column[] = [];
  for (const key of keys) {
    const column = columnOf(records, key);
    if (column === undefined) return undefined;
    columns.push(column);
  }
  return [keys, ...columns];
}

/** Undefined when one holds more than a plain value: it may be part of a cycle, which would not survive. */
function columnOf(records: readonly Record<string, unknown>[], key: string): Column | undefined {
  const column: unknown[] = [];
  for (const record of records) {
    const field = record[key];
    if (typeof field === 'object' && field !== null) return undefined;
    column.push(field);
  }
  return typeof column[0] === 'number' ? (numbersOf(column) ?? column) : column;
}

/** Undefined when one of them is no number. */
function numbersOf(values: readonly unknown[]): Numbers | undefined {
  const count = values.length;
  const small = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== 'number') return undefined;
    // Of the zeros, one is none of these.
    if (!Object.is((small[i] = value), small[i]!)) return doublesOf(values);
  }
  return small;
}

function doublesOf(values: readonly unknown[]): Float64Array | undefined {
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < doubles.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') return undefined;
    doubles[i] = value;
  }
  return doubles;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The same fields in the same order, so that they come in it too. */
function hasKeys(value: Record<string, unknown>, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in value) if (key !== keys[i++]) return false;
  return i === keys.length;
}
