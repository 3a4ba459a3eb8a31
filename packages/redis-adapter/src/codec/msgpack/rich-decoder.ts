import { makeError, setErrorField } from '@millrace/core/channels';
import { type Decoder, define } from './decoder.js';
import { EXT, VIEWS } from './format.js';

/** Reads the payload of an extension. */
export function readRich(from: Decoder, type: number, length: number): unknown {
  switch (type) {
    case EXT.UNDEFINED:
      from.need(length);
      return undefined;
    case EXT.TIMESTAMP:
      return begin(from, new Date(timestamp(from, length)));
    case EXT.INVALID_DATE:
      from.need(length);
      return begin(from, new Date(NaN));
    case EXT.BIGINT:
      return bigint(from.bytes.toString('latin1', from.need(length), from.position));
    case EXT.TEXT16:
      return from.bytes.toString('utf16le', from.need(length), from.position);
    case EXT.BUFFER:
      return begin(from, rest(from));
    case EXT.VIEW:
      return begin(from, view(from));
    case EXT.SAME:
      return same(from);
    case EXT.GRAPH:
      return from.graph();
    default:
  }
  from.enter(0);
  const value = container(from, type);
  from.leave();
  return value;
}

function container(from: Decoder, type: number): unknown {
  switch (type) {
    case EXT.MAP: {
      const map = begin(from, new Map<unknown, unknown>());
      while (from.position < from.end) map.set(from.read(), from.read());
      return map;
    }
    case EXT.SET: {
      const set = begin(from, new Set<unknown>());
      while (from.position < from.end) set.add(from.read());
      return set;
    }
    case EXT.ERROR:
      return error(from);
    case EXT.REGEXP:
      return begin(from, new RegExp(text(from), text(from)));
    case EXT.BOXED:
      return boxed(from);
    case EXT.ARRAY:
      return array(from);
    case EXT.WINDOW:
      return window(from);
    default:
      throw new RangeError(`There is no extension ${String(type)}.`);
  }
}

/** Numbers what begins, if this is a graph. */
function begin<Value>(from: Decoder, value: Value): Value {
  from.begun?.push(value);
  return value;
}

function same(from: Decoder): unknown {
  const number = whole(from);
  if (from.begun === undefined || number >= from.begun.length) throw new RangeError(`Nothing has the number ${String(number)}.`);
  return from.begun[number];
}

function timestamp(from: Decoder, length: number): number {
  const at = from.need(length);
  const { view } = from;
  if (length === 4) return view.getUint32(at) * 1000;
  if (length === 8) {
    const high = view.getUint32(at);
    return time((high & 3) * 0x100000000 + view.getUint32(at + 4), high >>> 2);
  }
  if (length === 12) return time(view.getInt32(at + 4) * 0x100000000 + view.getUint32(at + 8), view.getUint32(at));
  throw new RangeError(`A timestamp has 4, 8 or 12 bytes, and not ${String(length)}.`);
}

function time(seconds: number, nanoseconds: number): number {
  const ms = seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
  if (!(Math.abs(ms) <= 8.64e15)) throw new RangeError('A timestamp is out of range.');
  return ms;
}

function bigint(text: string): bigint {
  if (!/^-?[0-9a-f]+$/.test(text)) throw new RangeError('A bigint is not hexadecimal.');
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

/** The rest of the payload, as a buffer of its own. */
function rest(from: Decoder): ArrayBuffer {
  const at = from.need(from.end - from.position);
  const bytes = new Uint8Array(from.position - at);
  bytes.set(from.bytes.subarray(at, from.position));
  return bytes.buffer;
}

function view(from: Decoder): ArrayBufferView {
  const { type } = kind(from);
  return new type(rest(from));
}

function kind(from: Decoder): (typeof VIEWS)[number] {
  const number = whole(from);
  const found = VIEWS[number];
  if (found === undefined) throw new RangeError(`There is no typed array of kind ${String(number)}.`);
  return found;
}

function window(from: Decoder): ArrayBufferView {
  const number = begin(from, from.begun?.length ?? 0);
  const { type } = kind(from);
  const offset = whole(from);
  const length = whole(from);
  const buffer = from.read();
  if (!(buffer instanceof ArrayBuffer)) throw new RangeError('A view is on no buffer.');
  const made = new type(buffer, offset, length);
  if (from.begun !== undefined) from.begun[number] = made;
  return made;
}

function boxed(from: Decoder): unknown {
  const number = begin(from, from.begun?.length ?? 0);
  const value = from.read();
  if (value === undefined || value === null || typeof value === 'object') throw new RangeError('In a box is no primitive.');
  const made: unknown = Object(value);
  if (from.begun !== undefined) from.begun[number] = made;
  return made;
}

function error(from: Decoder): Error {
  const name = text(from);
  const message = text(from);
  const stack = from.read();
  if (stack !== undefined && typeof stack !== 'string') throw new RangeError("An error's stack is no text.");
  const made = begin(from, makeError({ name, message, stack }));
  while (from.position < from.end) setErrorField(made, text(from), from.read());
  return made;
}

function array(from: Decoder): unknown[] {
  const made: unknown[] = begin(from, []);
  const length = whole(from);
  if (length >= 2 ** 32) throw new RangeError('An array is too long.');
  if (length > 0) {
    // A length alone reserves memory for so many; a far item does not.
    made[length - 1] = undefined;
    Reflect.deleteProperty(made, length - 1);
  }
  while (from.position < from.end) {
    const key = from.read();
    if (typeof key === 'number' ? !(Number.isInteger(key) && key >= 0 && key < length) : typeof key !== 'string' || key === 'length')
      throw new RangeError('A field of an array has no such name.');
    define(made, String(key), from.read());
  }
  return made;
}

function whole(from: Decoder): number {
  const value = from.read();
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new RangeError('A number is not whole.');
  return value;
}

function text(from: Decoder): string {
  const value = from.read();
  if (typeof value !== 'string') throw new RangeError('A text is none.');
  return value;
}
