import { errorFields } from '@millrace/core/channels';
import { types } from 'node:util';
import type { Encoder } from './encoder.js';
import { Unfit } from '../unfit.js';
import { EXT, VIEWS } from './format.js';

/** Prototypes whose instances structured clone makes plain objects of. */
const plain = new WeakSet();

/** Writes what is neither a plain object nor an array. Told apart by what it is, whatever its prototype says. */
export function writeRich(to: Encoder, value: object, prototype: unknown): void {
  if (prototype === null) to.fields(value);
  else if (ArrayBuffer.isView(value)) writeView(to, value);
  else if (value instanceof Error) writeError(to, value);
  else if (types.isDate(value)) writeDate(to, Date.prototype.getTime.call(value));
  else if (types.isMap(value))
    to.extension(EXT.MAP, () => {
      Map.prototype.forEach.call(value, (field, key) => {
        to.write(key);
        to.write(field);
      });
    });
  else if (types.isSet(value))
    to.extension(EXT.SET, () => {
      Set.prototype.forEach.call(value, (member) => {
        to.write(member);
      });
    });
  else if (types.isRegExp(value))
    to.extension(EXT.REGEXP, () => {
      to.text(value.source);
      to.text(value.flags);
    });
  else if (types.isArrayBuffer(value)) to.bytesOf(EXT.BUFFER, new Uint8Array(value));
  else if (types.isBoxedPrimitive(value))
    to.extension(EXT.BOXED, () => {
      to.write(unboxed(value));
    });
  else {
    if (!clonedPlain(value, prototype as object)) throw new Unfit('Only this process can hold it.');
    to.fields(value);
  }
}

function writeView(to: Encoder, value: ArrayBufferView): void {
  const { buffer, byteOffset, byteLength } = value;
  if (!(buffer instanceof ArrayBuffer)) throw new Unfit('Shared memory cannot leave this process.');
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  // A small Buffer is a window on memory that it shares with whatever else the process reads: nothing of that is to leave.
  if (Buffer.isBuffer(value)) {
    to.binary(bytes);
    return;
  }
  const kind = VIEWS.findIndex(({ type }) => value instanceof type);
  if (kind < 0) throw new Unfit('There is no such typed array.');
  const { width } = VIEWS[kind]!;
  if (to.shared.has(buffer))
    to.extension(EXT.WINDOW, () => {
      to.number(kind);
      to.number(byteOffset);
      to.number(byteLength / width);
      to.write(buffer);
    });
  else {
    to.knownBuffer(buffer);
    if (kind === 0) to.binary(bytes);
    else
      to.extension(EXT.VIEW, () => {
        to.number(kind);
        to.out.append(bytes);
      });
  }
}

function writeError(to: Encoder, error: Error): void {
  const { name, message, stack, own } = errorFields(error);
  to.extension(EXT.ERROR, () => {
    to.text(textOf(name));
    to.text(textOf(message));
    to.write(stack === undefined ? undefined : textOf(stack));
    for (const [key, field] of own) {
      to.text(key);
      to.write(field);
    }
  });
}

/** Whatever somebody has set it to. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

/** 64 bits while the seconds fit 34, else 96. */
function writeDate(to: Encoder, ms: number): void {
  if (Number.isNaN(ms)) {
    to.mark(EXT.INVALID_DATE);
    return;
  }
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = (ms - seconds * 1000) * 1_000_000;
  const high = Math.floor(seconds / 0x100000000);
  const writer = to.out;
  writer.room(15);
  const { bytes, view, position } = writer;
  if (high >= 0 && high < 4) {
    bytes[position] = 0xd7;
    bytes[position + 1] = 0xff;
    view.setUint32(position + 2, nanoseconds * 4 + high);
    view.setUint32(position + 6, seconds >>> 0);
    writer.position += 10;
  } else {
    bytes[position] = 0xc7;
    bytes[position + 1] = 12;
    bytes[position + 2] = 0xff;
    view.setUint32(position + 3, nanoseconds);
    view.setInt32(position + 7, high);
    view.setUint32(position + 11, seconds >>> 0);
    writer.position += 15;
  }
}

function unboxed(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
  throw new Unfit('A boxed symbol cannot be carried.');
}

/** Whether structured clone takes its fields and forgets its class: the platform knows. Throws where it refuses. */
function clonedPlain(value: object, prototype: object): boolean {
  if (plain.has(prototype)) return true;
  const copy: unknown = structuredClone(value);
  if (Object.getPrototypeOf(copy) !== Object.prototype) return false;
  plain.add(prototype);
  return true;
}
