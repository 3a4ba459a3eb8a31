import { MillraceError } from '../../errors/error.js';
import { platform } from '../../runtime/runtime.js';
import { type Clone, cloneHere } from './clone.js';
import { packErrors, unpackErrors, type Packed } from './errors.js';
import { locateUncloneable } from './locate.js';
import { takeSpare } from './spare.js';
import { surveyValue } from './survey.js';

/** What the last `fix` or `move` learned of its value: read it at once. One object for all, to keep put free of allocation. */
export const judged = {
  /** It holds errors, which structured clone alone would strip of name and fields. */
  rich: false,
  /** About how many bytes it takes, to cut blocks by. */
  weight: 0,
  /** A buffer that the copy owns alone, so that it can be moved on instead of copied again. */
  buffer: undefined as ArrayBuffer | undefined,
};

const BAIL = Symbol('bail');
const OBJECT = Object.prototype;
const SMALL_ARRAY = 64;
const MANY_OBJECTS = 16;

/** Objects that are being copied, but for the outermost one as long as it holds no other. */
const seen: object[] = [];
/** Copies that hold errors. They are few, and to look through every copy once more would take longer than to make it. */
const richCopies = new WeakSet<object>();
/** There has been one: most programs put none. */
let anyRich = false;

/**
 * Copies a value as structured clone would, and judges it: a value that cannot be carried is `VALUE_NOT_CLONEABLE`, with
 * the path to what is wrong. Plain data, which is most of what queues carry, takes a short way, since structured clone
 * costs ten times as much for small objects; everything else goes to the platform.
 *
 * @param at - what to put before the path in an error's text
 * @param clone - the copying of what is not plain data, where it is not the platform's. It must not keep anything but data.
 * @param leaves - the copy is to be sent. Fields that symbols name, which structured clone leaves out, are lost on the way.
 */
export function fix(value: unknown, at = '', clone?: Clone, leaves = false): unknown {
  judged.rich = false;
  judged.buffer = undefined;
  judged.weight = 8;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'string') judged.weight = value.length;
    else if (typeof value === 'function' || typeof value === 'symbol') throw notCloneable(value, at);
    return value;
  }
  let copy: unknown;
  try {
    copy = copyObject(value, leaves);
  } catch {
    // A getter that throws, or a buffer that was moved away: the platform's way finds it again, and it is named.
    copy = BAIL;
  } finally {
    // To set its length, also where it is empty, takes as long as a small copy.
    while (seen.length > 0) seen.pop();
  }
  if (copy !== BAIL) return copy;
  judged.buffer = undefined;
  return fixWhole(value, at, clone);
}

function fixWhole(value: unknown, at: string, clone: Clone = cloneHere): unknown {
  try {
    const survey = surveyValue(value);
    judged.weight = survey.weight;
    judged.rich = survey.errors;
    if (!survey.errors) return clone(value);
    const copy = unpackErrors(clone(packErrors(value)) as Packed);
    richCopies.add(copy as object);
    anyRich = true;
    return copy;
  } catch (error) {
    throw notCloneable(value, at, error, undefined, (part) => carries(clone, part));
  }
}

/** Whether a copy that `fix` made holds errors. */
export function isRich(copy: unknown): boolean {
  return anyRich && typeof copy === 'object' && copy !== null && richCopies.has(copy);
}

function carries(clone: Clone, value: object): boolean {
  try {
    clone(value);
    return true;
  } catch {
    return false;
  }
}

/** Moves what the list names and copies the rest. When it throws, the value is as whole as before. */
export function move(value: unknown, transfer: readonly object[]): unknown {
  judged.buffer = undefined;
  try {
    const survey = surveyValue(value);
    judged.weight = survey.weight;
    judged.rich = survey.errors;
    return survey.errors
      ? unpackErrors(platform.structuredClone(packErrors(value), { transfer }) as Packed)
      : platform.structuredClone(value, { transfer });
  } catch (error) {
    throw notCloneable(value, '', error, transfer);
  }
}

/** A copy of plain data, or BAIL when anything in it is not plain, shared, or deep. */
function copyObject(value: object, leaves: boolean): unknown {
  if (Array.isArray(value)) return copyArray(value as unknown[], leaves);
  if (Object.getPrototypeOf(value) !== OBJECT) return ArrayBuffer.isView(value) ? copyView(value) : BAIL;
  if (!leaves && Object.getOwnPropertySymbols(value).length > 0) return BAIL;
  const copy = { ...value } as Record<string, unknown>;
  for (const key in copy) {
    const field = copy[key];
    switch (typeof field) {
      case 'string':
        judged.weight += field.length + 8;
        break;
      case 'object': {
        judged.weight += 8;
        if (field === null) break;
        const inner = key === '__proto__' ? BAIL : copyInner(field, value, leaves);
        if (inner === BAIL) return BAIL;
        copy[key] = inner;
        break;
      }
      case 'function':
      case 'symbol':
        return BAIL;
      default:
        judged.weight += 8;
    }
  }
  return copy;
}

/** The copy of an object in another one. */
function copyInner(value: object, outer: object, leaves: boolean): unknown {
  if (seen.length === 0) seen.push(outer);
  if (seen.length === MANY_OBJECTS || seen.includes(value)) return BAIL;
  seen.push(value);
  return copyObject(value, leaves);
}

function copyArray(value: unknown[], leaves: boolean): unknown {
  // Holes and named properties of arrays are rare; the keys tell of both, and are cheap to list for short ones only.
  if (value.length > SMALL_ARRAY || Object.getPrototypeOf(value) !== Array.prototype) return BAIL;
  const keys = Object.keys(value);
  if (keys.length !== value.length || (keys.length > 0 && keys.at(-1) !== String(keys.length - 1))) return BAIL;
  const copy = value.slice();
  for (let i = 0; i < copy.length; i++) {
    const field = copy[i];
    judged.weight += typeof field === 'string' ? field.length : 8;
    if (typeof field === 'function' || typeof field === 'symbol') return BAIL;
    if (typeof field !== 'object' || field === null) continue;
    const inner = copyInner(field, value, leaves);
    if (inner === BAIL) return BAIL;
    copy[i] = inner;
  }
  return copy;
}

/** The common case of one array of bytes: only its own range is copied, not the pool that it may be a window on. */
function copyView(value: ArrayBufferView): unknown {
  // Two views may share a buffer, and shared memory is to stay shared: the platform knows how.
  if (judged.buffer !== undefined || !(value.buffer instanceof ArrayBuffer) || !(value instanceof Uint8Array)) return BAIL;
  const copy = copyBytes(value);
  judged.buffer = copy.buffer;
  judged.weight += copy.byteLength;
  return copy;
}

function copyBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const buffer = takeSpare(bytes.byteLength);
  if (buffer === undefined) return new Uint8Array(bytes);
  const copy = new Uint8Array(buffer);
  copy.set(bytes);
  return copy;
}

/**
 * The error for a value that could not be carried: it is looked through for what was in the way. `carries` judges what has
 * no insides; by default as structured clone does.
 */
export function notCloneable(
  value: unknown,
  at: string,
  cause?: unknown,
  transfer?: readonly object[],
  carries?: (value: object) => boolean,
): MillraceError {
  const found = locateUncloneable(value, transfer, carries);
  if (found === undefined)
    return new MillraceError(
      'VALUE_NOT_CLONEABLE',
      transfer === undefined
        ? `The value${at === '' ? '' : ` at ${at}`} cannot be copied to a queue.`
        : 'The transfer list names something that cannot be moved: not a buffer, port or stream, or one that was moved before.',
      { path: at, what: transfer === undefined ? 'the value' : 'the transfer list' },
      cause,
    );
  const path = `${at}${found.path}`;
  const where = path === '' ? 'The value itself' : `The value's ${path.replace(/^\./, '')}`;
  return new MillraceError(
    'VALUE_NOT_CLONEABLE',
    `${where} is ${found.what}, which cannot be copied to a queue. Leave it out, or put plain data in its place.`,
    { path, what: found.what },
    cause,
  );
}
