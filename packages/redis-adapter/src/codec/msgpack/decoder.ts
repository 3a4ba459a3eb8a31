import { MOST_DEPTH } from './format.js';
import { keyAt } from './keys.js';
import { readRich } from './rich-decoder.js';

/** Larger blocks are not held on to, in case that another item of them is read next. */
const KEPT_BYTES = 1024 * 1024;
const NOTHING = new Uint8Array();

/** Reads one value of bytes that may be anything: what is wrong with them is an error, and no more is made than they pay for. */
export class Decoder {
  bytes: Buffer;
  view: DataView;
  position = 0;
  /** Where what is read now must be over. */
  end = 0;
  /** Within a graph: what was begun so far, in order. */
  begun: unknown[] | undefined;
  private depth = 0;

  constructor() {
    this.bytes = Buffer.alloc(0);
    this.view = new DataView(this.bytes.buffer);
  }

  value(bytes: Uint8Array, from: number, to: number): unknown {
    this.open(bytes);
    this.position = from;
    this.end = to;
    this.depth = 0;
    this.begun = undefined;
    try {
      const value = this.read();
      if (this.position !== to) throw new RangeError(`${String(to - this.position)} bytes follow behind the value.`);
      return value;
    } finally {
      this.begun = undefined;
      if (bytes.length > KEPT_BYTES) this.open(NOTHING);
    }
  }

  /** Many values of one block are read, one by one. */
  private open(bytes: Uint8Array): void {
    const { buffer, byteOffset, byteLength } = bytes;
    if (this.bytes.buffer === buffer && this.bytes.byteOffset === byteOffset && this.bytes.byteLength === byteLength) return;
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Around the whole value: what is no primitive in it is numbered. */
  graph(): unknown {
    if (this.begun !== undefined || this.depth > 0) throw new RangeError('A graph lies within a value.');
    this.begun = [];
    return this.read();
  }

  read(): unknown {
    const tag = this.need(1);
    const first = this.bytes[tag]!;
    if (first < 0x80) return first;
    if (first < 0x90) return this.map(first & 0x0f);
    if (first < 0xa0) return this.array(first & 0x0f);
    if (first < 0xc0) return this.text(first & 0x1f);
    if (first >= 0xe0) return first - 0x100;
    const { view } = this;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.binary(this.length8());
      case 0xc5:
        return this.binary(this.length16());
      case 0xc6:
        return this.binary(this.length32());
      case 0xc7:
        return this.extension(this.length8());
      case 0xc8:
        return this.extension(this.length16());
      case 0xc9:
        return this.extension(this.length32());
      case 0xca:
        return view.getFloat32(this.need(4));
      case 0xcb:
        return view.getFloat64(this.need(8));
      case 0xcc:
        return this.length8();
      case 0xcd:
        return this.length16();
      case 0xce:
        return this.length32();
      case 0xcf:
        return this.whole64(view.getUint32(this.need(4)), view.getUint32(this.need(4)));
      case 0xd0:
        return view.getInt8(this.need(1));
      case 0xd1:
        return view.getInt16(this.need(2));
      case 0xd2:
        return view.getInt32(this.need(4));
      case 0xd3:
        return this.whole64(view.getInt32(this.need(4)), view.getUint32(this.need(4)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (first - 0xd4));
      case 0xd9:
        return this.text(this.length8());
      case 0xda:
        return this.text(this.length16());
      case 0xdb:
        return this.text(this.length32());
      case 0xdc:
        return this.array(this.length16());
      case 0xdd:
        return this.array(this.length32());
      case 0xde:
        return this.map(this.length16());
      case 0xdf:
        return this.map(this.length32());
      default:
        throw new RangeError(`No value begins with 0x${first.toString(16)}.`);
    }
  }

  /** Passes so many bytes, and answers where they begin. */
  need(bytes: number): number {
    const { position } = this;
    if (position + bytes > this.end) throw new RangeError(`${String(position + bytes - this.end)} bytes are missing.`);
    this.position = position + bytes;
    return position;
  }

  private length8(): number {
    return this.bytes[this.need(1)]!;
  }

  private length16(): number {
    return this.view.getUint16(this.need(2));
  }

  private length32(): number {
    return this.view.getUint32(this.need(4));
  }

  private whole64(high: number, low: number): number | bigint {
    const value = high * 0x100000000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  private text(length: number): string {
    const from = this.need(length);
    if (length < 12) {
      const short = this.ascii(from, from + length);
      if (short !== undefined) return short;
    }
    return this.bytes.toString('utf8', from, from + length);
  }

  private ascii(from: number, to: number): string | undefined {
    const { bytes } = this;
    let text = '';
    for (let i = from; i < to; i++) {
      const code = bytes[i]!;
      if (code >= 0x80) return undefined;
      text += String.fromCharCode(code);
    }
    return text;
  }

  private binary(length: number): Uint8Array {
    const from = this.need(length);
    const bytes = new Uint8Array(length);
    bytes.set(this.bytes.subarray(from, from + length));
    this.begun?.push(bytes);
    return bytes;
  }

  /** Something that may hold others begins: no more of them than there are bytes for. */
  enter(atLeast: number): void {
    if (atLeast > this.end - this.position) throw new RangeError(`${String(atLeast)} bytes should follow.`);
    if (++this.depth > MOST_DEPTH) throw new RangeError(`It is nested more than ${String(MOST_DEPTH)} deep.`);
  }

  leave(): void {
    this.depth--;
  }

  private array(count: number): unknown[] {
    this.enter(count);
    const array: unknown[] = [];
    this.begun?.push(array);
    for (let i = 0; i < count; i++) array.push(this.read());
    this.leave();
    return array;
  }

  private map(count: number): object {
    this.enter(count * 2);
    const object: Record<string, unknown> = {};
    const number = this.begun?.push(object);
    for (let i = 0; i < count; i++) {
      const key = this.key();
      if (typeof key !== 'string') {
        // Not made by this codec, which says of a Map that it is one.
        const map = new Map<unknown, unknown>(Object.entries(object));
        if (number !== undefined) this.begun![number - 1] = map;
        map.set(key, this.read());
        for (i++; i < count; i++) map.set(this.key(), this.read());
        this.leave();
        return map;
      }
      if (key === '__proto__') define(object, key, this.read());
      else object[key] = this.read();
    }
    this.leave();
    return object;
  }

  private key(): unknown {
    const length = this.bytes[this.position]! - 0xa0;
    if (length < 0 || length >= 32) return this.read();
    const from = this.need(1 + length) + 1;
    return keyAt(this.bytes, from, length) ?? this.bytes.toString('utf8', from, from + length);
  }

  private extension(length: number): unknown {
    const type = this.view.getInt8(this.need(1));
    const outer = this.end;
    const from = this.need(length);
    this.position = from;
    this.end = from + length;
    const value = readRich(this, type, length);
    if (this.position !== this.end) throw new RangeError(`Extension ${String(type)} is longer than what it says.`);
    this.end = outer;
    return value;
  }
}

/** Sets a field of any name as a field. */
export function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: true });
}
