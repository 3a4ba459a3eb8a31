import type { ByteWriter } from '../writer.js';
import { Field, MAP, TEXT } from './field.js';

/** Up to so many bytes, a loop is faster than the platform's copy. */
const LOOPED = 24;
/** Longer texts are for the general way. */
const LONGEST = 4096;

/**
 * Writes records of the usual kind, whose fields are numbers, short texts in ASCII, booleans and null: the same bytes of MessagePack as
 * the general way, and faster, since such records have the same fields again and again.
 */
export class RecordWriter {
  private readonly root = new Field();
  private readonly fields: Field[] = [];
  private readonly values: unknown[] = [];
  private busy = false;

  /** Writes the tag and the value, and answers how many bytes the value takes; 0 if it is no such record, and nothing is written. */
  write(tag: number, value: unknown, out: ByteWriter): number {
    // A getter of the value may put another one meanwhile.
    if (this.busy || typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return 0;
    this.busy = true;
    try {
      const count = this.collect(value as Record<string, unknown>);
      return count === 0 ? 0 : this.writeFields(tag, count, out);
    } finally {
      this.busy = false;
    }
  }

  /** How many fields it has; 0 if it is none for this way. */
  private collect(value: Record<string, unknown>): number {
    const { fields, values } = this;
    let field = this.root;
    let count = 0;
    for (const name in value) {
      const behind = field.behind(name);
      if (behind === undefined) return 0;
      const inner = value[name];
      if (typeof inner === 'object' && inner !== null) return 0;
      fields[count] = field = behind;
      values[count] = inner;
      count++;
    }
    return count;
  }

  private writeFields(tag: number, count: number, out: ByteWriter): number {
    const { fields, values } = this;
    const start = out.position;
    out.room(2);
    out.bytes[out.position++] = tag;
    out.bytes[out.position++] = MAP | count;
    for (let i = 0; i < count; i++) {
      const value = values[i];
      values[i] = undefined;
      const name = fields[i]!.bytes;
      out.room(name.length + 9);
      const { bytes } = out;
      let at = out.position;
      for (const byte of name) bytes[at++] = byte;
      out.position = at;
      if (!writeValue(value, out)) {
        out.position = start;
        return 0;
      }
    }
    return out.position - start - 1;
  }
}

/** There is room for a number. */
function writeValue(value: unknown, out: ByteWriter): boolean {
  switch (typeof value) {
    case 'number':
      return writeNumber(value, out);
    case 'string':
      return writeText(value, out);
    case 'boolean':
      out.bytes[out.position++] = value ? 0xc3 : 0xc2;
      return true;
    default:
      out.bytes[out.position++] = 0xc0;
      return value === null;
  }
}

function writeNumber(value: number, out: ByteWriter): boolean {
  const { bytes, view } = out;
  const at = out.position;
  if (value !== value >>> 0 && value !== value >> 0) {
    bytes[at] = 0xcb;
    view.setFloat64(at + 1, value);
    out.position = at + 9;
    return true;
  }
  // -0 is none of MessagePack's numbers.
  if (value === 0 && 1 / value < 0) return false;
  if (value >= 0 ? value < 0x80 : value >= -0x20) {
    bytes[at] = value & 0xff;
    out.position = at + 1;
  } else if (value >= 0 ? value < 0x100 : value >= -0x80) {
    bytes[at] = value < 0 ? 0xd0 : 0xcc;
    bytes[at + 1] = value & 0xff;
    out.position = at + 2;
  } else if (value >= 0 ? value < 0x10000 : value >= -0x8000) {
    bytes[at] = value < 0 ? 0xd1 : 0xcd;
    view.setUint16(at + 1, value & 0xffff);
    out.position = at + 3;
  } else {
    bytes[at] = value < 0 ? 0xd2 : 0xce;
    view.setUint32(at + 1, value >>> 0);
    out.position = at + 5;
  }
  return true;
}

function writeText(value: string, out: ByteWriter): boolean {
  const { length } = value;
  if (length > LONGEST) return false;
  out.room(5 + 3 * length);
  const { bytes } = out;
  let at = out.position;
  if (length < 0x20) bytes[at++] = TEXT | length;
  else if (length < 0x100) {
    bytes[at++] = 0xd9;
    bytes[at++] = length;
  } else {
    bytes[at++] = 0xda;
    bytes[at++] = length >> 8;
    bytes[at++] = length & 0xff;
  }
  if (length > LOOPED) {
    // What takes as many bytes as it has letters is ASCII.
    if (bytes.write(value, at, 'utf8') !== length) return false;
  } else
    for (let i = 0; i < length; i++) {
      const letter = value.charCodeAt(i);
      if (letter > 0x7f) return false;
      bytes[at + i] = letter;
    }
  out.position = at + length;
  return true;
}
