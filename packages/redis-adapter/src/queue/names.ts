import { createHash, randomBytes } from 'node:crypto';

/** Names up to this length are legible in keys; longer ones are known by their hash. */
const LEGIBLE = 200;

/**
 * The key of a queue's scalars, which all its other keys begin with. What stands between the braces decides the slot in a
 * Cluster, and so neither braces nor anything else that could be taken for a separator may come from a user's name.
 */
export function queueKey(prefix: string, name: string): string {
  const legible = escaped(name);
  if (legible !== undefined && legible.length <= LEGIBLE) return `${prefix}{q:${legible}}`;
  return `${prefix}{h:${createHash('sha256').update(name, 'utf16le').digest('base64url')}}`;
}

/** The key of a queue that has no name for others. */
export function ownKey(prefix: string): string {
  return `${prefix}{x:${unique(12)}}`;
}

/** A name that no other process makes. */
export function unique(bytes = 9): string {
  return randomBytes(bytes).toString('base64url');
}

/** A topic: a table and a dish, joined so that no other pair gives the same name. */
export function topic(table: string, dish: string): string {
  return JSON.stringify([table, dish]);
}

/** Undefined for what is no text: half of a surrogate pair. */
function escaped(name: string): string | undefined {
  try {
    return encodeURIComponent(name);
  } catch {
    return undefined;
  }
}
