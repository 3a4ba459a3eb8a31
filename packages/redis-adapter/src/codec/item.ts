import { type ItemHeaders, MillraceError } from '@millrace/core';
import { carriable, notCloneable } from '@millrace/core/channels';
import type { Codec } from './codec.js';
import { clone } from './clone/codec.js';
import { json } from './json.js';
import { msgpack, packPlain } from './msgpack.js';
import { isPlain } from './plain.js';
import { RecordReader, RecordWriter } from './records/index.js';
import type { BlockReader } from './block.js';
import { Unfit } from './unfit.js';
import { ByteWriter } from './writer.js';

/**
 * An item's bytes: one byte that says what follows, `HEADERS | codec id`; if it has headers, their length (32 bits,
 * little-endian) and a JSON object of strings; and then the value, as its codec writes it, up to the end.
 *
 * | id       | codec                                                                                                     |
 * | -------- | --------------------------------------------------------------------------------------------------------- |
 * | 1        | {@link https://msgpack.org MessagePack}: what most queues carry, for readers in any language              |
 * | 2        | JSON                                                                                                      |
 * | 3        | structured clone as V8 writes it, for readers in JavaScript on V8 only. It says its version: newer V8s    |
 * |          | read what older ones wrote, and to an older one the item is `VALUE_UNREADABLE`                            |
 * | 32 to 63 | a codec of the user's own                                                                                 |
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
  /** What values are written by. Default: MessagePack where it carries the value as it is, and else structured clone. */
  readonly codec?: Codec | undefined;
  /** What else may be read, besides that, MessagePack, structured clone and JSON. */
  readonly codecs?: readonly Codec[] | undefined;
  /** How many bytes a value may take. Default: no limit. */
  readonly largestValue?: number | undefined;
}

/** The default's writer of values that are known to be plain. */
const plain: Codec = {
  ...msgpack,
  encode: (value) => {
    const writer = new ByteWriter(256);
    packPlain(value, writer);
    return writer.cut();
  },
  encodeInto: packPlain,
};

/** Turns values into items of bytes, and back. */
export class Items {
  private readonly codec: Codec | undefined;
  private readonly largest: number;
  private spare: ByteWriter | undefined;
  private readonly writer = new RecordWriter();
  private readonly reader = new RecordReader();
  private readonly readable = new Map<number, Codec>([
    [msgpack.id, msgpack],
    [json.id, json],
    [clone.id, clone],
  ]);

  constructor({ codec, codecs = [], largestValue = Infinity }: ItemsOptions = {}) {
    this.codec = codec;
    this.largest = largestValue;
    for (const each of codec === undefined ? codecs : [...codecs, codec]) {
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
    let size: number;
    try {
      size = this.codec === undefined && headers === undefined ? this.writer.write(msgpack.id, value, out) : 0;
      if (size === 0) size = this.encodeAny(out, value, headers);
    } catch (error) {
      throw this.refusal(value, at, error);
    }
    if (size > this.largest)
      throw new MillraceError(
        'VALUE_TOO_LARGE',
        `The value${at === '' ? '' : ` at ${at}`} takes ${String(size)} bytes, and ${String(this.largest)} are the most. Put its parts, or a reference to it.`,
        { path: at, size, limit: this.largest },
      );
  }

  private encodeAny(out: ByteWriter, value: unknown, headers: ItemHeaders | undefined): number {
    const codec = this.codecFor(value);
    begin(out, codec.id, headers);
    const start = out.position;
    if (codec.encodeInto !== undefined) codec.encodeInto(value, out);
    else out.append(codec.encode(value));
    return out.position - start;
  }

  /** The values of the item in this place of a block and of those behind it, as far as they are records that are alike. */
  alikeFrom(block: BlockReader, index: number): unknown[] {
    return this.reader.read(msgpack.id, block, index);
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
        headers = headersOf(json.decode(bytes.subarray(start + 4, start + 4 + length)));
        start += 4 + length;
      }
      const value = codec.decodeFrom !== undefined ? codec.decodeFrom(bytes, start, to) : codec.decode(bytes.subarray(start, to));
      return { value, headers };
    } catch (error) {
      throw unreadable(error instanceof Error ? error.message : String(error), error);
    }
  }

  private codecFor(value: unknown): Codec {
    return this.codec ?? (isPlain(value) ? plain : clone);
  }

  private refusal(value: unknown, at: string, error: unknown): unknown {
    if (error instanceof MillraceError) return error;
    if (error instanceof Unfit && error.path !== undefined && this.codec !== undefined) {
      const path = `${at}${error.path}`;
      const where = path === '' ? 'The value itself' : `The value's ${path.replace(/^\./, '')}`;
      return new MillraceError(
        'VALUE_NOT_CLONEABLE',
        `${where} is ${error.message}, which the codec ${this.codec.name} cannot carry. Leave it out, or put plain data in its place.`,
        { path, what: error.message },
      );
    }
    return notCloneable(value, at, error, undefined, (leaf) => {
      try {
        this.codecFor(leaf).encode(leaf);
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
  const text = Buffer.from(JSON.stringify(headers), 'utf8');
  out.bytes[out.position] = HEADERS | id;
  out.view.setUint32(out.position + 1, text.length, true);
  out.position += 5;
  out.append(text);
}

function headersOf(value: unknown): ItemHeaders {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('The headers are no record.');
  for (const [key, text] of Object.entries(value)) if (typeof text !== 'string') throw new RangeError(`The header ${key} is no text.`);
  return Object.freeze(value as ItemHeaders);
}

export function unreadable(why: string, cause?: unknown): MillraceError {
  return new MillraceError('VALUE_UNREADABLE', `An item cannot be read: ${why.replace(/\.$/, '')}.`, {}, cause);
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
