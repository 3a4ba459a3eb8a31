import { makeRows } from '@millrace/core/channels';
import type { BlockReader } from '../block.js';
import { Field, MAP, MOST_FIELDS, TEXT } from './field.js';

/** Up to so many bytes, a loop is faster than the platform's decoder. */
const LOOPED = 16;
/** What is none of the values that this way reads. */
const OTHER = Symbol('other');
const NOTHING = Buffer.alloc(0);

/** Numbers of 8 bytes that may begin anywhere. */
const eight = new Uint8Array(8);
const double = new DataView(eight.buffer);

/**
 * Reads rows of records with the same fields, as `RecordWriter` writes them: faster than the general way, since what the fields are
 * called is read once.
 */
export class RecordReader {
  private readonly root = new Field();
  private bytes: Buffer = NOTHING;
  private at = 0;

  /** The values of the item in this place and of those behind it, up to one that is no such record, or has other fields. */
  read(tag: number, block: BlockReader, index: number): unknown[] {
    this.bytes = bufferOf(block.bytes);
    try {
      const fields = this.fieldsOf(tag, block, index);
      return fields === undefined ? [] : this.rows(tag, block, index, fields);
    } finally {
      this.bytes = NOTHING;
    }
  }

  private fieldsOf(tag: number, block: BlockReader, index: number): readonly Field[] | undefined {
    const { bytes } = this;
    this.at = block.from(index);
    const count = bytes[this.at + 1]! - MAP;
    if (bytes[this.at] !== tag || !(count > 0 && count <= MOST_FIELDS)) return undefined;
    this.at += 2;
    const fields: Field[] = [];
    let field: Field | undefined = this.root;
    while (fields.length < count) {
      field = field.behindBytes(bytes, this.at);
      if (field === undefined || this.valueBehind(field) === OTHER) return undefined;
      fields.push(field);
    }
    return fields;
  }

  private rows(tag: number, block: BlockReader, index: number, fields: readonly Field[]): unknown[] {
    const { bytes } = this;
    const columns = fields.map((): unknown[] => []);
    const head = MAP | fields.length;
    let count = 0;
    for (let i = index; i < block.count; i++, count++) {
      this.at = block.from(i);
      if (bytes[this.at] !== tag || bytes[this.at + 1] !== head) break;
      this.at += 2;
      if (!this.row(fields, columns) || this.at !== block.to(i)) break;
    }
    return makeRows(fields.at(-1)!.names, columns, count);
  }

  private row(fields: readonly Field[], columns: readonly unknown[][]): boolean {
    for (let k = 0; k < fields.length; k++) {
      const field = fields[k]!;
      const value = field.stands(this.bytes, this.at) ? this.valueBehind(field) : OTHER;
      if (value === OTHER) return false;
      columns[k]!.push(value);
    }
    return true;
  }

  private valueBehind(field: Field): unknown {
    const { bytes } = this;
    const at = this.at + field.bytes.length;
    const tag = bytes[at]!;
    if (tag < MAP) return this.end(at + 1, tag);
    if (tag >= 0xe0) return this.end(at + 1, tag - 0x100);
    if (tag >= TEXT && tag < 0xc0) return this.text(at + 1, tag - TEXT);
    switch (tag) {
      case 0xc0:
        return this.end(at + 1, null);
      case 0xc2:
        return this.end(at + 1, false);
      case 0xc3:
        return this.end(at + 1, true);
      case 0xcb:
        for (let i = 0; i < 8; i++) eight[i] = bytes[at + 1 + i]!;
        return this.end(at + 9, double.getFloat64(0));
      case 0xcc:
        return this.end(at + 2, bytes[at + 1]!);
      case 0xcd:
        return this.end(at + 3, bytes[at + 1]! * 0x100 + bytes[at + 2]!);
      case 0xce:
        return this.end(at + 5, this.word(at + 1) >>> 0);
      case 0xd0:
        return this.end(at + 2, (bytes[at + 1]! << 24) >> 24);
      case 0xd1:
        return this.end(at + 3, ((bytes[at + 1]! << 24) >> 16) | bytes[at + 2]!);
      case 0xd2:
        return this.end(at + 5, this.word(at + 1));
      case 0xd9:
        return this.text(at + 2, bytes[at + 1]!);
      case 0xda:
        return this.text(at + 3, bytes[at + 1]! * 0x100 + bytes[at + 2]!);
      default:
        return OTHER;
    }
  }

  private end<Value>(at: number, value: Value): Value {
    this.at = at;
    return value;
  }

  private word(at: number): number {
    const { bytes } = this;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  private text(from: number, length: number): unknown {
    const { bytes } = this;
    const to = from + length;
    if (to > bytes.length) return OTHER;
    this.at = to;
    if (length > LOOPED) return bytes.toString('utf8', from, to);
    let text = '';
    for (let i = from; i < to; i++) {
      const letter = bytes[i]!;
      if (letter > 0x7f) return bytes.toString('utf8', from, to);
      text += String.fromCharCode(letter);
    }
    return text;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
