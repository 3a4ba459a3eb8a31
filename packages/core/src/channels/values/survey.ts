/** Walks whatever structured clone would walk, once per object. `visit` may answer false to stay outside. */
export function walk(root: unknown, visit: (value: object) => boolean): void {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!visit(value)) continue;
    if (value instanceof Map) for (const [key, field] of value) open.push(key, field);
    else if (value instanceof Set) for (const field of value) open.push(field);
    else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) continue;
    else {
      if (value instanceof Error) open.push(value.cause, (value as { errors?: unknown }).errors);
      for (const key of Object.keys(value)) open.push((value as Record<string, unknown>)[key]);
    }
  }
}

/** Whether a value holds errors, and about how many bytes it takes. */
export function surveyValue(value: unknown): { errors: boolean; weight: number } {
  let errors = false;
  let weight = typeof value === 'string' ? value.length : 8;
  walk(value, (found) => {
    if (found instanceof Error) {
      errors = true;
      weight += 256;
    } else if (ArrayBuffer.isView(found) || found instanceof ArrayBuffer) weight += found.byteLength;
    else {
      weight += 16;
      for (const key of Object.keys(found)) {
        const field = (found as Record<string, unknown>)[key];
        weight += typeof field === 'string' ? field.length : 8;
      }
    }
    return true;
  });
  return { errors, weight };
}

/** Whether there is an error anywhere in a value. Cheap for what has no insides. */
export function holdsErrors(value: unknown): boolean {
  return typeof value === 'object' && value !== null && surveyValue(value).errors;
}

/** By name, since no runtime has all of them, and since Node's ports bear another's tag. */
const MOVABLE = new Set([
  'MessagePort',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'ImageBitmap',
  'OffscreenCanvas',
  'VideoFrame',
  'AudioData',
  'RTCDataChannel',
]);

/** Everything in a value that can be moved on: its buffers, ports and streams. */
export function transferablesOf(value: unknown): object[] {
  const found = new Set<object>();
  walk(value, (inner) => {
    const buffer: unknown = ArrayBuffer.isView(inner) ? inner.buffer : inner;
    if (buffer instanceof ArrayBuffer) found.add(buffer);
    else if (MOVABLE.has((inner as { constructor?: { name: string } }).constructor?.name ?? '')) found.add(inner);
    else return true;
    return false;
  });
  return [...found];
}
