import { type ItemHeaders, MillraceError } from '@millrace/core';
import { carriable, notCloneable } from '@millrace/core/channels';
import type { Codec } from './codec.js';
import { json } from './json.js';
import { msgpack } from './msgpack/codec.js';
import { Unfit } from './unfit.js';
import { ByteWriter } from './writer.js';

/**
 * An item's bytes: one byte that says what follows, `HEADERS | codec id`; if it has headers, their length (32 bits,
 * little-endian) and a MessagePack map of strings; and then the value, as its codec writes it, up to the end.
 */
const HEADERS = 0x80;
const IDS = 0x40;
/** What is kept to write single items with. */
const SPARE_BYTES = 4096;

export interface ReadItem {
  readonly value: unknown;
  readonly headers: ItemHeaders | undefined;
}

export interface ItemsOptions {
  /** What values are written by. Default {@link msgpack}. */
  readonly codec?: Codec | undefined;
  /** What else may be read, besides that, MessagePack and JSON. */
  readonly codecs?: readonly Codec[] | undefined;
  /** How many bytes a value may take. Default: no limit. */
  readonly largestValue?: number | undefined;
}

/** Turns values into items of bytes, and back. */
export class Items {
  private readonly codec: Codec;
  private readonly largest: number;
  private spare: ByteWriter | undefined;
  private readonly readable = new Map<number, Codec>([
    [msgpack.id, msgpack],
    [json.id, json],
  ]);

  constructor({ codec = msgpack, codecs = [], largestValue = Infinity }: ItemsOptions = {}) {
    this.codec = codec;
    this.largest = largestValue;
    for (const each of [...codecs, codec]) {
      const known = this.readable.get(each.id);
      if (!(Number.isInteger(each.id) && each.id > 0 && each.id < IDS) || (known !== undefined && known !== each))
        throw new MillraceError('BAD_OPTION', `The codec ${each.name} has the id ${String(each.id)}: use a whole number from 32 to 63 that no other codec has.`, {
          option: 'codec',
          value: each.id,
        });
      this.readable.set(each.id, each);
    }
  }

  /** Throws `VALUE_NOT_CLONEABLE` or `VALUE_TOO_LARGE`; `at` is what to put before the path in their text. */
  encode(value: unknown, headers?: ItemHeaders, at = ''): Uint8Array {
    // A getter of the value may put another one meanwhile: that finds no writer, and makes its own.
    const out = this.spare ?? new ByteWriter(SPARE_BYTES);
    this.spare = undefined;
    try {
      this.encodeInto(out, value, headers, at);
      return out.cut();
    } finally {
      out.position = 0;
      out.shrink(SPARE_BYTES);
      this.spare = out;
    }
  }

  /** As `encode`, at the writer's end. When it throws, what it wrote is to be forgotten. */
  encodeInto(out: ByteWriter, value: unknown, headers?: ItemHeaders, at = ''): void {
    begin(out, this.codec.id, headers);
    const start = out.position;
    try {
      if (this.codec.encodeInto !== undefined) this.codec.encodeInto(value, out);
      else out.append(this.codec.encode(value));
    } catch (error) {
      throw this.refusal(value, at, error);
    }
    const size = out.position - start;
    if (size > this.largest)
      throw new MillraceError(
        'VALUE_TOO_LARGE',
        `The value${at === '' ? '' : ` at ${at}`} takes ${String(size)} bytes, and ${String(this.largest)} are the most. Put its parts, or a reference to it.`,
        { path: at, size, limit: this.largest },
      );
  }

  /** Throws `VALUE_UNREADABLE`. */
  decode(bytes: Uint8Array, from = 0, to = bytes.length): ReadItem {
    const tag = bytes[from] ?? 0;
    const codec = this.readable.get(tag % IDS);
    if (from >= to || (tag & IDS) !== 0 || codec === undefined)
      throw unreadable(from >= to ? 'it is empty' : `it was written by codec ${String(tag % HEADERS)}, which this transport does not have`);
    try {
      let start = from + 1;
      let headers: ItemHeaders | undefined;
      if ((tag & HEADERS) !== 0) {
        const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start, true);
        if (start + 4 + length > to) throw new RangeError('The headers are longer than the item.');
        headers = headersOf(msgpack.decodeFrom(bytes, start + 4, start + 4 + length));
        start += 4 + length;
      }
      const value = codec.decodeFrom !== undefined ? codec.decodeFrom(bytes, start, to) : codec.decode(bytes.subarray(start, to));
      return { value, headers };
    } catch (error) {
      throw unreadable(error instanceof Error ? error.message : String(error), error);
    }
  }

  private refusal(value: unknown, at: string, error: unknown): unknown {
    if (error instanceof MillraceError) return error;
    const { codec } = this;
    if (error instanceof Unfit && error.path !== undefined) {
      const path = `${at}${error.path}`;
      const where = path === '' ? 'The value itself' : `The value's ${path.replace(/^\./, '')}`;
      return new MillraceError(
        'VALUE_NOT_CLONEABLE',
        `${where} is ${error.message}, which the codec ${codec.name} cannot carry. Leave it out, or put plain data in its place.`,
        { path, what: error.message },
      );
    }
    return notCloneable(value, at, error, undefined, (leaf) => {
      try {
        codec.encode(leaf);
        return true;
      } catch {
        return false;
      }
    });
  }
}

/** The same item with these headers: it had none. */
export function addHeaders(out: ByteWriter, item: Uint8Array, headers: ItemHeaders | undefined): void {
  begin(out, item[0]!, headers);
  out.append(item.subarray(1));
}

function begin(out: ByteWriter, id: number, headers: ItemHeaders | undefined): void {
  out.room(5);
  if (headers === undefined) {
    out.bytes[out.position++] = id;
    return;
  }
  const start = out.position;
  out.bytes[start] = HEADERS | id;
  out.position += 5;
  msgpack.encodeInto(headers, out);
  out.view.setUint32(start + 1, out.position - start - 5, true);
}

function headersOf(value: unknown): ItemHeaders {
  if (typeof value !== 'object' || value === null) throw new RangeError('The headers are no record.');
  const headers: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new RangeError(`The header ${key} is no text.`);
    headers[key] = text;
  }
  return Object.freeze(headers);
}

export function unreadable(why: string, cause?: unknown): MillraceError {
  return new MillraceError('VALUE_UNREADABLE', `An item cannot be read: ${why}.`, {}, cause);
}

const reasons = new Items();

/** Why an item was given up, as bytes; undefined where nobody said. Never throws: what cannot be carried is told of in words. */
export function encodeReason(reason: unknown): Uint8Array | undefined {
  return reason === undefined ? undefined : carriable(reason, (value) => reasons.encode(value));
}

/** Where it cannot be read, the error that says so. */
export function decodeReason(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return reasons.decode(bytes).value;
  } catch (error) {
    return error;
  }
}
