import type { ProducerEndpoint } from '@millrace/core';

export interface Mutable {
  n: number;
  deep: { list: number[]; map: Map<string, number> };
  bytes: Uint8Array;
  error: Error & { at?: number };
}

export function mutable(n: number): Mutable {
  return {
    n,
    deep: { list: [n], map: new Map([['n', n]]) },
    bytes: new Uint8Array([n]),
    error: Object.assign(new Error(String(n)), { at: n }),
  };
}

/** Changes everything in it. */
export function spoil(value: Mutable): void {
  value.n = -1;
  value.deep.list[0] = -1;
  value.deep.list.push(-1);
  value.deep.map.set('n', -1);
  value.bytes[0] = 255;
  value.error.message = 'spoilt';
  value.error.at = -1;
}

/** Puts values one by one and all together, and changes each as soon as its put was called. */
export default async function mutates({
  out,
  items,
}: {
  readonly out: ProducerEndpoint<Mutable>;
  readonly items: number;
}): Promise<void> {
  const puts: unknown[] = [];
  for (let n = 0; n < items; n++) {
    const value = mutable(n);
    puts.push(out.put(value));
    spoil(value);
  }
  await Promise.all(puts);
  const many = Array.from({ length: items }, (_, i) => mutable(items + i));
  const put = out.putMany(many);
  many.forEach(spoil);
  many.length = 0;
  await put;
}
