import { platform } from '../../runtime/runtime.js';
import type { Reader, Writer } from './bytes.js';

/** How the run of a text is written; the number that stands before it. */
const ASCII = 0;
const UTF8 = 1;
/** UTF-8 has no form for half a surrogate pair. */
const UTF16 = 2;

const LONE_SURROGATE = /\p{Surrogate}/u;
/** Shorter text is faster read and written unit by unit. */
const SHORT = 32;
/** So many arguments fit every engine's stack. */
const UNITS = 4096;

/** Beyond so many bytes, room for a copy is given up again. */
const KEPT_BYTES = 256 * 1024;
let room = new Uint8Array(0);

const encoder = new platform.TextEncoder();
const decoder = new platform.TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Writes many strings' text as one run: encoding one long string costs a fraction of that of many short ones. Where each of
 * them ends is its caller's to write.
 */
export function writeRun(writer: Writer, text: string): boolean {
  const { length } = text;
  writer.align();
  if (!writer.room(8 + length)) return false;
  const head = writer.at;
  const start = head + 8;
  if (length <= SHORT && writeShort(writer.bytes, text, start))
    return endRun(writer, ASCII, head, length);
  // A unit of UTF-16 takes at most three bytes.
  const room = writer.roomUpTo(8 + length * 3) - 8;
  const { read, written } = encoder.encodeInto(text, writer.bytes.subarray(start, start + room));
  const whole = read === length;
  if (whole && written === length) return endRun(writer, ASCII, head, written);
  if (isWellFormed(text)) return whole ? endRun(writer, UTF8, head, written) : writer.fail();
  if (!writer.room(8 + length * 2)) return false;
  const { data } = writer;
  for (let i = 0; i < length; i++) data.setUint16(start + i * 2, text.charCodeAt(i), true);
  return endRun(writer, UTF16, head, length * 2);
}

/** Whether it is ASCII; otherwise it is not written. */
function writeShort(bytes: Uint8Array, text: string, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    bytes[start + i] = unit;
  }
  return true;
}

/** The method is of ES2024. */
function isWellFormed(text: string & { isWellFormed?(): boolean }): boolean {
  return text.isWellFormed?.() ?? !LONE_SURROGATE.test(text);
}

function endRun(writer: Writer, kind: number, head: number, bytes: number): true {
  writer.at = head;
  writer.int(kind);
  writer.int(bytes);
  writer.at += bytes;
  return true;
}

/**
 * The text of a run from one unit to before another one, and the reader is behind the run.
 *
 * Strings cut from it share its memory in most engines, so that one that is kept keeps the whole: at most a block.
 */
export function readRun(reader: Reader, from: number, to: number): string {
  reader.align();
  const kind = reader.int();
  const length = reader.int();
  const start = reader.at;
  reader.at += length;
  if (from === to) return '';
  const { bytes } = reader;
  if (kind === ASCII) return decode(bytes, start + from, start + to);
  // Only by decoding what is before it could a unit's byte be found.
  if (kind === UTF8) return decode(bytes, start, start + length).slice(from, to);
  const units = new Uint16Array(reader.copy(start + from * 2, start + to * 2));
  let text = '';
  for (let i = 0; i < units.length; i += UNITS) text += unitsToText(units.subarray(i, i + UNITS));
  return text;
}

function unitsToText(units: ArrayLike<number>): string {
  return Reflect.apply(String.fromCharCode, undefined, units) as string;
}

function decode(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT) return decodeLong(bytes, from, to);
  let text = '';
  for (let i = from; i < to; i++) {
    const unit = bytes[i]!;
    if (unit > 0x7f) return decodeLong(bytes, from, to);
    text += String.fromCharCode(unit);
  }
  return text;
}

/** Decoders read no shared memory: what lies there is copied, each time to where the last one was. */
function decodeLong(bytes: Uint8Array, from: number, to: number): string {
  const run = bytes.subarray(from, to);
  if (bytes.buffer instanceof ArrayBuffer) return decoder.decode(run);
  if (run.length > KEPT_BYTES) return decoder.decode(new Uint8Array(run));
  if (run.length > room.length) room = new Uint8Array(run.length * 2);
  room.set(run);
  return decoder.decode(room.subarray(0, run.length));
}
