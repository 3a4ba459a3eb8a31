import type { ErrorCode } from '../errors/error.js';

/** What a case throws when a rule is broken: no test runner's class, so that any runner shows it. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export function fail(message: string): never {
  throw new ConformanceError(message);
}

export function ok(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** Compares as structured clone would tell apart: by content, with Map, Set, dates, buffers, errors and cycles. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!same(actual, expected, new Map()))
    fail(`${what}: got ${text(actual)}, expected ${text(expected)}`);
}

export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null
    ? (error as { code?: unknown }).code
    : undefined;
}

export type CodedError = Error & { readonly details: Readonly<Record<string, unknown>> };

/** The error that `act` throws, or that its promise rejects with, must carry the code. */
export async function fails(
  act: () => unknown,
  code: ErrorCode,
  what: string,
): Promise<CodedError> {
  let got: unknown;
  try {
    got = await act();
  } catch (error) {
    if (codeOf(error) !== code) fail(`${what}: failed with ${text(error)}, expected ${code}`);
    return error as CodedError;
  }
  return fail(`${what}: gave ${text(got)}, expected ${code}`);
}

export function text(value: unknown, depth = 3): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${String(value)}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error)
    return `${value.name}${codeOf(value) === undefined ? '' : ` [${String(codeOf(value))}]`}: ${value.message}`;
  if (depth === 0) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, 20).map((field) => text(field, depth - 1));
    return `[${shown.join(', ')}${value.length > 20 ? `, … ${String(value.length)} in all` : ''}]`;
  }
  if (value instanceof Map) return `Map ${text([...value], depth)}`;
  if (value instanceof Set) return `Set ${text([...value], depth)}`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${text(field, depth - 1)}`);
  return `{ ${fields.join(', ')} }`;
}

type Fields = Record<string, unknown>;

function same(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp)
    return b instanceof RegExp && a.source === b.source && a.flags === b.flags;
  if (ArrayBuffer.isView(a)) return sameBytes(bytesOf(a), bytesOf(b as ArrayBufferView));
  if (a instanceof ArrayBuffer)
    return sameBytes(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (a instanceof Map || a instanceof Set) {
    const [left, right] = [[...(a as Iterable<unknown>)], [...(b as Iterable<unknown>)]];
    return left.length === right.length && left.every((field, i) => same(field, right[i], seen));
  }
  if (a instanceof Error) {
    const [x, y] = [a, b as Error];
    if (x.name !== y.name || x.message !== y.message || !same(x.cause, y.cause, seen)) return false;
  }
  const keys = fieldsOf(a);
  return (
    keys.length === fieldsOf(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same((a as Fields)[key], (b as Fields)[key], seen))
  );
}

/** An error's name may be its own or its class's. */
function fieldsOf(value: object): string[] {
  const keys = Object.keys(value);
  return value instanceof Error ? keys.filter((key) => key !== 'name') : keys;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
