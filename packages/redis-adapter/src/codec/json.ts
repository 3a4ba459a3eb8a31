import type { Codec } from './codec.js';
import { Unfit } from './unfit.js';

/**
 * JSON, for programs in other languages that have nothing else. Values that JSON would change or leave out are refused:
 * dates and other instances, undefined, NaN, bigints, bytes, cycles.
 */
export const json: Codec = Object.freeze({
  id: 2,
  name: 'json',
  encode(value: unknown): Uint8Array {
    judge(value, '', new Set());
    return Buffer.from(JSON.stringify(value), 'utf8');
  },
  decode(bytes: Uint8Array): unknown {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text);
  },
});

function judge(value: unknown, path: string, around: Set<object>): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) refuse(path, Object.is(value, -0) ? '-0' : String(value));
      return;
    case 'object':
      break;
    case 'function':
      return refuse(path, 'a function');
    default:
      refuse(path, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`);
  }
  if (value === null) return;
  if (around.has(value)) refuse(path, 'what it lies within');
  around.add(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (Object.keys(value).length !== value.length) refuse(path, 'an array with holes or fields');
    for (const [i, item] of value.entries()) judge(item, `${path}[${String(i)}]`, around);
  } else {
    if (prototype !== Object.prototype && prototype !== null) refuse(path, `a ${nameOf(value)}`);
    for (const [key, field] of Object.entries(value))
      judge(field, /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, around);
  }
  around.delete(value);
}

function nameOf(value: object): string {
  const { constructor } = value as { constructor?: { name?: unknown } };
  return typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'object';
}

function refuse(path: string, what: string): never {
  throw new Unfit(what, path);
}
