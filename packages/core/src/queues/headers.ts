import { MillraceError } from '../errors/error.js';
import type { ItemHeaders } from '../transport/backend.js';
import { show } from '../transport/spec.js';

/** Fixes and judges an item's headers; undefined when there are none. */
export function fixHeaders(headers: ItemHeaders | undefined): ItemHeaders | undefined {
  if (headers === undefined) return undefined;
  if (typeof headers !== 'object' || (headers as unknown) === null || Array.isArray(headers)) throw bad('headers', headers);
  const entries = Object.entries(headers);
  for (const [key, value] of entries) if (typeof value !== 'string') throw bad(`headers.${key}`, value);
  return entries.length === 0 ? undefined : Object.freeze(Object.fromEntries(entries));
}

function bad(option: string, value: unknown): MillraceError {
  return new MillraceError('BAD_OPTION', `Option ${option} is ${show(value)}; headers are an object of strings.`, { option });
}
