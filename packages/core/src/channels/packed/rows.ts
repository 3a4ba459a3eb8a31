type Eight<T> = readonly [T, T, T, T, T, T, T, T];
type Keys = Eight<string>;
/** What a field was in each row. */
type Column = ArrayLike<unknown>;
type Columns = Eight<Column>;
type Row = Record<string, unknown>;

/** Keys that were met, each as the one string that engines know as the key. */
const known = new Map<string, string>();
const MOST_KNOWN = 1024;

/**
 * Objects with the same keys, from a column for each key.
 *
 * Engines remember for each place in the code which key was set there. A place of its own for each of the first few keys makes
 * rows four times as fast as a loop over the keys, as long as a program has few sorts of rows, and no slower otherwise. That goes by
 * which string a key is, and not by what it says: those that were just read are other ones each time.
 */
export function makeRows(
  keys: readonly string[],
  columns: readonly Column[],
  count: number,
): Row[] {
  // Each of the functions reads as many as there are.
  const k = keys.map(asKey) as unknown as Keys;
  const c = columns as Columns;
  switch (keys.length) {
    case 1:
      return rows1(k, c, count);
    case 2:
      return rows2(k, c, count);
    case 3:
      return rows3(k, c, count);
    case 4:
      return rows4(k, c, count);
    case 5:
      return rows5(k, c, count);
    case 6:
      return rows6(k, c, count);
    case 7:
      return rows7(k, c, count);
    case 8:
      return rows8(k, c, count);
    default:
      return rowsOfMany(k, columns, count);
  }
}

function asKey(text: string): string {
  let key = known.get(text);
  if (key === undefined) {
    key = Object.keys({ [text]: 0 })[0]!;
    if (known.size < MOST_KNOWN) known.set(key, key);
  }
  return key;
}

function rows1([a]: Keys, [s]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    rows[i] = row;
  }
  return rows;
}

function rows2([a, b]: Keys, [s, t]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    rows[i] = row;
  }
  return rows;
}

function rows3([a, b, c]: Keys, [s, t, u]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    rows[i] = row;
  }
  return rows;
}

function rows4([a, b, c, d]: Keys, [s, t, u, v]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    rows[i] = row;
  }
  return rows;
}

function rows5([a, b, c, d, e]: Keys, [s, t, u, v, w]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    rows[i] = row;
  }
  return rows;
}

function rows6([a, b, c, d, e, f]: Keys, [s, t, u, v, w, x]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    row[f] = x[i];
    rows[i] = row;
  }
  return rows;
}

function rows7([a, b, c, d, e, f, g]: Keys, [s, t, u, v, w, x, y]: Columns, count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    row[f] = x[i];
    row[g] = y[i];
    rows[i] = row;
  }
  return rows;
}

function rows8(
  [a, b, c, d, e, f, g, h]: Keys,
  [s, t, u, v, w, x, y, z]: Columns,
  count: number,
): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    row[f] = x[i];
    row[g] = y[i];
    row[h] = z[i];
    rows[i] = row;
  }
  return rows;
}

function rowsOfMany(keys: readonly string[], columns: readonly Column[], count: number): Row[] {
  const rows = new Array<Row>(count);
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    for (let k = 0; k < keys.length; k++) row[keys[k]!] = columns[k]![i];
    rows[i] = row;
  }
  return rows;
}
