/** What lies deeper than this is not shown. */
const DEEPEST = 100;

/**
 * A value as JSON can carry it. What JSON does not know is an object with one key that begins with a dollar sign:
 * `{ "$date": "..." }`; an object of the user's that has such a key is `{ "$object": [[key, value], ...] }`.
 */
export function plain(value: unknown): unknown {
  return convert(value, new Map(), '$', 0);
}

function convert(value: unknown, around: Map<object, string>, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return { $bigint: String(value) };
    case 'undefined':
      return { $undefined: true };
    case 'object':
      break;
    default:
      return { $unknown: typeof value };
  }
  if (value === null) return null;
  const known = around.get(value);
  if (known !== undefined) return { $ref: known };
  if (depth > DEEPEST) return { $deeper: true };
  around.set(value, path);
  const within = (inner: unknown, step: string): unknown => convert(inner, around, `${path}${step}`, depth + 1);
  const made = compound(value, within);
  around.delete(value);
  return made;
}

function compound(value: object, within: (inner: unknown, step: string) => unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, (item, i) => within(item, `[${String(i)}]`));
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (value instanceof RegExp) return { $regexp: String(value) };
  if (value instanceof Map) {
    const entries = [...(value as Map<unknown, unknown>)];
    return { $map: entries.map(([key, each], i) => [within(key, `.keys[${String(i)}]`), within(each, `.values[${String(i)}]`)]) };
  }
  if (value instanceof Set) return { $set: [...(value as Set<unknown>)].map((each, i) => within(each, `[${String(i)}]`)) };
  if (value instanceof ArrayBuffer) return { $bytes: Buffer.from(value).toString('base64') };
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return value.constructor === Uint8Array || Buffer.isBuffer(value) ? { $bytes: bytes } : { $bytes: bytes, type: value.constructor.name };
  }
  if (value instanceof Error) {
    const { name, message, cause } = value;
    const own = Object.entries(value).filter(([key]) => !['name', 'message', 'stack', 'cause'].includes(key));
    const fields = Object.fromEntries(own.map(([key, each]) => [key, within(each, `.${key}`)]));
    return { $error: { name, message, ...fields, ...(cause === undefined ? {} : { cause: within(cause, '.cause') }) } };
  }
  const entries = Object.entries(value).map(([key, each]) => [key, within(each, `.${key}`)] as const);
  // fromEntries makes a key __proto__ an ordinary one.
  return entries.some(([key]) => key.startsWith('$')) ? { $object: entries } : Object.fromEntries(entries);
}
