/**
 * Structured clone keeps of an error its message, stack and cause. To keep its name, code and other own fields too, each
 * error is replaced by an empty stand-in, and what it had is listed beside; clone keeps identities, so that the stand-ins
 * are found again on the other side and no field name needs to be reserved for them.
 */
export interface Packed {
  readonly value: unknown;
  readonly errors: readonly (readonly [standIn: object, fields: ErrorFields])[];
}

/** What of an error is carried. */
export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** In the order they were found; `cause` and `errors` are among them. Functions and symbols are not. */
  readonly own: readonly (readonly [key: string, value: unknown])[];
}

const BUILT_IN: Record<string, ErrorConstructor> = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const CARRIED_APART = new Set(['name', 'message', 'stack']);

/** A copy of the value in which errors are stand-ins. What `keep` names stays the very same object. */
export function packErrors(root: unknown, keep: readonly object[] = []): Packed {
  const errors: [object, ErrorFields][] = [];
  const done = new Map<object, unknown>(keep.map((object) => [object, object]));
  const pack = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (!(value instanceof Error)) return rebuild(value, done, pack);
    const standIn = {};
    done.set(value, standIn);
    const fields = errorFields(value);
    errors.push([standIn, { ...fields, own: fields.own.map(([key, field]) => [key, pack(field)] as const) }]);
    return standIn;
  };
  return { value: pack(root), errors };
}

/** The value as it was. What `keep` names stays the very same object. */
export function unpackErrors(packed: Packed, keep: readonly object[] = []): unknown {
  const done = new Map<object, unknown>(keep.map((object) => [object, object]));
  for (const [standIn, fields] of packed.errors) done.set(standIn, makeError(fields));
  const unpack = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    return known !== undefined ? known : rebuild(value, done, unpack);
  };
  for (const [standIn, { own }] of packed.errors) {
    const error = done.get(standIn) as Error;
    for (const [key, field] of own) setErrorField(error, key, unpack(field));
  }
  return unpack(packed.value);
}

export function errorFields(error: Error): ErrorFields {
  const { name, message, stack } = error;
  const own = Object.getOwnPropertyNames(error)
    .filter((key) => !CARRIED_APART.has(key))
    .map((key) => [key, (error as unknown as Record<string, unknown>)[key]] as const)
    .filter(([, field]) => typeof field !== 'function' && typeof field !== 'symbol');
  return { name, message, stack, own };
}

/** An error as it was, but for its own fields: each is set by `setErrorField`. */
export function makeError({ name, message, stack }: Pick<ErrorFields, 'name' | 'message' | 'stack'>): Error {
  const known = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  const error = new (known ?? Error)(message);
  // Not enumerable, as on errors that were made here.
  if (error.name !== name) define(error, 'name', name);
  define(error, 'stack', stack);
  return error;
}

export function setErrorField(error: Error, key: string, value: unknown): void {
  // Some engines give every error fields of their own, such as its line: hidden ones, which are to stay so.
  const hidden = key === 'cause' || key === 'errors' || Object.getOwnPropertyDescriptor(error, key)?.enumerable === false;
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: !hidden });
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

/** Copies containers and keeps everything else. */
export function rebuild(value: object, done: Map<object, unknown>, inner: (value: unknown) => unknown): unknown {
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    done.set(value, copy);
    for (const [key, field] of value) copy.set(inner(key), inner(field));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    done.set(value, copy);
    for (const field of value) copy.add(inner(field));
    return copy;
  }
  const plain = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
  if (!plain) {
    done.set(value, value);
    return value;
  }
  const copy: object = Array.isArray(value) ? new Array<unknown>(value.length) : {};
  done.set(value, copy);
  for (const key of Object.keys(value)) {
    Object.defineProperty(copy, key, {
      value: inner((value as Record<string, unknown>)[key]),
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }
  return copy;
}
