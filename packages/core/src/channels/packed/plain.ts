/** Deeper values are left to a general codec, and so are cycles, which have no end. */
export const DEEPEST = 64;

/** A plain object, as structured clone makes them. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same fields in the same order, so that they come out in it too. */
export function hasKeys(value: Record<string, unknown>, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in value) if (key !== keys[i++]) return false;
  return i === keys.length;
}

/** An array without holes and without fields of its own. */
export function isDense(value: readonly unknown[]): boolean {
  const keys = Object.keys(value);
  // Indexes come first, in their order: as many keys as items, the last of them an item's, are the indexes.
  return (
    keys.length === value.length && (keys.length === 0 || keys.at(-1) === String(keys.length - 1))
  );
}
