type Eight<T> = readonly [T, T, T, T, T, T, T, T];
type Keys = Eight<string>;
/** What a field was in each row. */
type Column = ArrayLike<unknown>;
type Columns = Eight<Column>;
type Row = Record<string, unknown>;

/**
 * Objects with the same keys, from a column for each key.
 *
 * Engines remember for each place in the code which key was set there. A place of its own for each of the first few keys makes
 * rows four times as fast as a loop over the keys, as long as a program has few sorts of rows, and no slower otherwise.
 */
export function makeRows(
  keys: readonly string[],
  columns: readonly Column[],
  count: number,
): Row[] {
  // Each of the functions reads as many as there are.
  const k = keys as Keys;
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
      return rowsOfMany(keys, columns, count);
  }
}

function rows1([a]: Keys, [s]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    rows.push(row);
  }
  return rows;
}

function rows2([a, b]: Keys, [s, t]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    rows.push(row);
  }
  return rows;
}

function rows3([a, b, c]: Keys, [s, t, u]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    rows.push(row);
  }
  return rows;
}

function rows4([a, b, c, d]: Keys, [s, t, u, v]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    rows.push(row);
  }
  return rows;
}

function rows5([a, b, c, d, e]: Keys, [s, t, u, v, w]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    rows.push(row);
  }
  return rows;
}

function rows6([a, b, c, d, e, f]: Keys, [s, t, u, v, w, x]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    row[f] = x[i];
    rows.push(row);
  }
  return rows;
}

function rows7([a, b, c, d, e, f, g]: Keys, [s, t, u, v, w, x, y]: Columns, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    row[a] = s[i];
    row[b] = t[i];
    row[c] = u[i];
    row[d] = v[i];
    row[e] = w[i];
    row[f] = x[i];
    row[g] = y[i];
    rows.push(row);
  }
  return rows;
}

function rows8(
  [a, b, c, d, e, f, g, h]: Keys,
  [s, t, u, v, w, x, y, z]: Columns,
  count: number,
): Row[] {
  const rows: Row[] = [];
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
    rows.push(row);
  }
  return rows;
}

function rowsOfMany(keys: readonly string[], columns: readonly Column[], count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const row: Row = {};
    for (let k = 0; k < keys.length; k++) row[keys[k]!] = columns[k]![i];
    rows.push(row);
  }
  return rows;
}
