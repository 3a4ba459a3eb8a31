const SLOTS = 1024;
const known: string[] = new Array<string>(SLOTS).fill('');

/** A short name of a field, which is likely to have been read before: then no new string is made. Undefined if not ASCII. */
export function keyAt(bytes: Uint8Array, from: number, length: number): string | undefined {
  const slot = slotOf(bytes, from, length);
  const key = known[slot]!;
  if (key.length === length && same(key, bytes, from)) return key;
  let read = '';
  for (let i = 0; i < length; i++) {
    const code = bytes[from + i]!;
    if (code >= 0x80) return undefined;
    read += String.fromCharCode(code);
  }
  known[slot] = read;
  return read;
}

function slotOf(bytes: Uint8Array, from: number, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) hash = (hash * 31 + bytes[from + i]!) | 0;
  return hash & (SLOTS - 1);
}

function same(key: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
