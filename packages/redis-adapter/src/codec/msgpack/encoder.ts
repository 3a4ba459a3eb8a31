import type { ByteWriter } from '../writer.js';
import { EXT, MOST_DEPTH } from './format.js';
import { writeRich } from './rich-encoder.js';
import { Unfit } from '../unfit.js';

/** Something occurs twice: the value is written once more, as a graph. */
const TWICE = new Error('Something occurs twice.');

const FEW = 16;
/** Up to so many characters, a loop is faster than the platform's call. */
const SHORT = 24;
/** Longer text is measured before there is made room for it. */
const LONG = 64 * 1024;

/** A surrogate that is no part of a pair. */
const LONE = /\p{Surrogate}/u;

const OBJECT = Object.prototype;
const NO_BUFFERS: ReadonlySet<ArrayBufferLike> = new Set();

/** Writes a value in one walk that also judges it. */
export class Encoder {
  out: ByteWriter;
  /** Buffers that more than one part of the value lies on: they are carried whole. */
  shared = NO_BUFFERS;
  private depth = 0;
  /** Objects met so far. The first few are looked through; more of them have a place in `numbers`. */
  private readonly few = new Array<object | undefined>(FEW).fill(undefined);
  private met = 0;
  private numbers: Map<object, number> | undefined;
  private graph = false;

  constructor(out: ByteWriter) {
    this.out = out;
  }

  /** Writes a whole value. `sharedBuffers` is asked only where something occurs twice. */
  value(value: unknown, sharedBuffers: () => ReadonlySet<ArrayBufferLike>): void {
    const start = this.out.position;
    try {
      this.write(value);
    } catch (error) {
      if (error !== TWICE) throw error;
      this.reset();
      this.out.position = start;
      this.graph = true;
      this.numbers = new Map();
      this.shared = sharedBuffers();
      this.extension(EXT.GRAPH, () => {
        this.write(value);
      });
    } finally {
      this.reset();
    }
  }

  private reset(): void {
    // Rather than to shorten it, which is slower.
    for (let i = 0; i < this.met; i++) this.few[i] = undefined;
    this.met = 0;
    this.numbers = undefined;
    this.graph = false;
    this.depth = 0;
    this.shared = NO_BUFFERS;
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.text(value);
        return;
      case 'number':
        this.number(value);
        return;
      case 'object':
        if (value === null) this.byte(0xc0);
        else this.object(value);
        return;
      case 'boolean':
        this.byte(value ? 0xc3 : 0xc2);
        return;
      case 'undefined':
        this.mark(EXT.UNDEFINED);
        return;
      case 'bigint':
        this.bytesOf(EXT.BIGINT, Buffer.from(value.toString(16), 'latin1'));
        return;
      default:
        throw new Unfit(`A ${typeof value} cannot be carried.`);
    }
  }

  private object(value: object): void {
    if (this.known(value)) return;
    if (++this.depth > MOST_DEPTH) throw new Unfit(`It is nested more than ${String(MOST_DEPTH)} deep.`);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === OBJECT) this.fields(value);
    else if (Array.isArray(value)) this.array(value);
    else writeRich(this, value, prototype);
    this.depth--;
  }

  /** Notes an object that begins; one that was noted before is referred out. */
  known(value: object): boolean {
    if (this.numbers === undefined) {
      const { few, met } = this;
      for (let i = 0; i < met; i++) if (few[i] === value) throw TWICE;
      if (met < FEW) {
        few[met] = value;
        this.met++;
        return false;
      }
      this.numbers = new Map();
      for (const object of few) if (object !== undefined) this.numbers.set(object, this.numbers.size);
    }
    const number = this.numbers.get(value);
    if (number === undefined) {
      this.numbers.set(value, this.numbers.size);
      return false;
    }
    if (!this.graph) throw TWICE;
    this.extension(EXT.SAME, () => {
      this.number(number);
    });
    return true;
  }

  /** Notes a buffer that a view lies on, which is itself not part of the value. */
  knownBuffer(buffer: ArrayBufferLike): void {
    if (!this.graph) this.known(buffer);
  }

  /** The own enumerable fields, whatever it is an instance of. */
  fields(value: object): void {
    const keys = Object.keys(value);
    const count = keys.length;
    this.head(count, 0x80, 16, 0xde);
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      this.text(key);
      this.write((value as Record<string, unknown>)[key]);
    }
  }

  private array(value: readonly unknown[]): void {
    const count = value.length;
    const keys = Object.keys(value);
    // As many keys as items, the last of them an index: then all are.
    if (keys.length !== count || (count > 0 && keys[count - 1] !== String(count - 1))) {
      this.extension(EXT.ARRAY, () => {
        this.number(count);
        for (const key of keys) {
          const index = Number(key);
          if (Number.isInteger(index) && index >= 0 && index < count && String(index) === key) this.number(index);
          else this.text(key);
          this.write((value as unknown as Record<string, unknown>)[key]);
        }
      });
      return;
    }
    this.head(count, 0x90, 16, 0xdc);
    for (let i = 0; i < count; i++) this.write(value[i]);
  }

  // --- bytes ----------------------------------------------------------------------------------------------------------

  private byte(byte: number): void {
    const { out } = this;
    out.room(1);
    out.bytes[out.position++] = byte;
  }

  /** How many follow: in the tag itself, or behind it in 16 or 32 bits. */
  private head(count: number, tag: number, few: number, tag16: number): void {
    const { out } = this;
    out.room(5);
    if (count < few) out.bytes[out.position++] = tag | count;
    else if (count < 0x10000) {
      out.view.setUint16(out.position + 1, count);
      out.bytes[out.position] = tag16;
      out.position += 3;
    } else {
      out.view.setUint32(out.position + 1, count);
      out.bytes[out.position] = tag16 + 1;
      out.position += 5;
    }
  }

  number(value: number): void {
    const { out } = this;
    out.room(9);
    const { bytes, view, position } = out;
    if (value >>> 0 === value && (value !== 0 || 1 / value > 0)) {
      if (value < 0x80) {
        bytes[position] = value;
        out.position += 1;
      } else if (value < 0x100) {
        bytes[position] = 0xcc;
        bytes[position + 1] = value;
        out.position += 2;
      } else if (value < 0x10000) {
        bytes[position] = 0xcd;
        bytes[position + 1] = value >>> 8;
        bytes[position + 2] = value;
        out.position += 3;
      } else {
        bytes[position] = 0xce;
        view.setUint32(position + 1, value);
        out.position += 5;
      }
    } else if ((value | 0) === value && value !== 0) {
      if (value >= -32) {
        bytes[position] = value;
        out.position += 1;
      } else {
        bytes[position] = 0xd2;
        view.setInt32(position + 1, value);
        out.position += 5;
      }
    } else if (Number.isSafeInteger(value) && value !== 0) {
      bytes[position] = value < 0 ? 0xd3 : 0xcf;
      view.setInt32(position + 1, Math.floor(value / 0x100000000));
      view.setUint32(position + 5, value >>> 0);
      out.position += 9;
    } else {
      bytes[position] = 0xcb;
      view.setFloat64(position + 1, value);
      out.position += 9;
    }
  }

  text(text: string): void {
    const { out } = this;
    const { length } = text;
    if (length < SHORT) {
      out.room(1 + SHORT);
      const { bytes, position } = out;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[position + 1 + i] = code;
      }
      if (i === length) {
        bytes[position] = 0xa0 | length;
        out.position = position + 1 + length;
        return;
      }
    }
    out.room(5 + (length < LONG ? length * 3 : Buffer.byteLength(text)));
    const { bytes, view, position } = out;
    // By the least that it can take; what is not ASCII may turn out to need a longer head.
    const guess = textHead(length);
    const written = bytes.write(text, position + guess, 'utf8');
    // The platform writes another character for a surrogate that stands alone.
    if (written > length && LONE.test(text)) {
      this.bytesOf(EXT.TEXT16, Buffer.from(text, 'utf16le'));
      return;
    }
    const head = textHead(written);
    if (head !== guess) bytes.copyWithin(position + head, position + guess, position + guess + written);
    if (head === 1) bytes[position] = 0xa0 | written;
    else if (head === 2) {
      bytes[position] = 0xd9;
      bytes[position + 1] = written;
    } else if (head === 3) {
      bytes[position] = 0xda;
      view.setUint16(position + 1, written);
    } else {
      bytes[position] = 0xdb;
      view.setUint32(position + 1, written);
    }
    out.position = position + head + written;
  }

  binary(bytes: Uint8Array): void {
    const { out } = this;
    const { length } = bytes;
    out.room(5 + length);
    if (length < 0x100) {
      out.bytes[out.position] = 0xc4;
      out.bytes[out.position + 1] = length;
      out.position += 2;
    } else if (length < 0x10000) {
      out.bytes[out.position] = 0xc5;
      out.view.setUint16(out.position + 1, length);
      out.position += 3;
    } else {
      out.bytes[out.position] = 0xc6;
      out.view.setUint32(out.position + 1, length);
      out.position += 5;
    }
    out.append(bytes);
  }

  /** An extension that says all by its type. */
  mark(type: number): void {
    const { out } = this;
    out.room(3);
    const { bytes, position } = out;
    bytes[position] = 0xd4;
    bytes[position + 1] = type;
    bytes[position + 2] = 0;
    out.position += 3;
  }

  /** An extension whose length is known when `write` has written its payload. */
  extension(type: number, write: () => void): void {
    const { out } = this;
    out.room(6);
    const start = out.position;
    out.position += 6;
    write();
    out.bytes[start] = 0xc9;
    out.view.setUint32(start + 1, out.position - start - 6);
    out.bytes[start + 5] = type;
  }

  bytesOf(type: number, payload: Uint8Array): void {
    this.extension(type, () => {
      this.out.append(payload);
    });
  }
}

function textHead(bytes: number): number {
  return bytes < 32 ? 1 : bytes < 0x100 ? 2 : bytes < 0x10000 ? 3 : 5;
}
