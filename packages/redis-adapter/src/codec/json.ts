import type { Codec } from './codec.js';
import { findUnfit, nameOf } from './unfit.js';

/**
 * JSON, for programs in other languages that have nothing else. Values that JSON would change or leave out are refused:
 * dates and other instances, undefined, NaN, bigints, bytes, cycles.
 */
export const json: Codec = Object.freeze({
  id: 2,
  name: 'json',
  encode(value: unknown): Uint8Array {
    findUnfit(value, { leaf, twice: true });
    return Buffer.from(JSON.stringify(value), 'utf8');
  },
  decode(bytes: Uint8Array): unknown {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text);
  },
});

function leaf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'string' || typeof value === 'boolean' || value === null ? undefined : nameOf(value);
}
