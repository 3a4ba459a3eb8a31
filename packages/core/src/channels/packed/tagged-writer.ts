import { Met } from './apart.js';
import type { Writer } from './bytes.js';
import { DEEPEST, hasKeys, isDense, isRecord } from './plain.js';
import {
  ARRAY,
  BIGINT,
  BYTE,
  DATE,
  DOUBLE,
  FALSE,
  INT,
  NEGATIVE,
  NULL,
  POSITIVE,
  RECORD,
  SHORT_STRING,
  STRING,
  TRUE,
  UNDEFINED,
  VIEW,
} from './tags.js';
import { bytesOf, viewTag } from './views.js';

/** Different sets of keys in a block: beyond, it is no block of things that are alike. */
const MANY_SHAPES = 256;
/** The longest of what is written in one go: a tag and 8 bytes, and the kind of a view. */
const STEP = 16;

/** Writes values one by one; the text of all, and the keys of the objects, are kept apart. */
export class TaggedWriter {
  text = '';
  readonly shapes: (readonly string[])[] = [];
  private readonly writer: Writer;
  private readonly met = new Met();
  private latest = 0;

  constructor(writer: Writer) {
    this.writer = writer;
  }

  item(value: unknown, depth: number): boolean {
    this.met.clear();
    return this.value(value, depth);
  }

  private value(value: unknown, depth: number): boolean {
    const { writer } = this;
    // The text is to come behind what is written by then.
    if (!writer.room(STEP + this.text.length)) return false;
    switch (typeof value) {
      case 'undefined':
        return this.tag(UNDEFINED);
      case 'boolean':
        return this.tag(value ? TRUE : FALSE);
      case 'number':
        return this.number(value);
      case 'string':
        return this.string(value);
      case 'bigint':
        return this.bigint(value);
      case 'object':
        return value === null ? this.tag(NULL) : this.object(value, depth);
      default:
        return false;
    }
  }

  private tag(tag: number): true {
    const { writer } = this;
    writer.bytes[writer.at++] = tag;
    return true;
  }

  private int(value: number): void {
    const { writer } = this;
    writer.data.setInt32(writer.at, value, true);
    writer.at += 4;
  }

  private double(value: number): true {
    const { writer } = this;
    writer.data.setFloat64(writer.at, value, true);
    writer.at += 8;
    return true;
  }

  private number(value: number): true {
    if (!Object.is(value, value | 0)) {
      this.tag(DOUBLE);
      return this.double(value);
    }
    if (value >= 0 && value < 256) {
      this.tag(BYTE);
      return this.tag(value);
    }
    this.tag(INT);
    this.int(value);
    return true;
  }

  private string(value: string): boolean {
    const { length } = value;
    if (length < 256) {
      this.tag(SHORT_STRING);
      this.tag(length);
    } else {
      if (!this.writer.room(STEP + this.text.length + length)) return false;
      this.tag(STRING);
      this.int(length);
    }
    this.text += value;
    return true;
  }

  private bigint(value: bigint): boolean {
    const { writer } = this;
    if (BigInt.asIntN(64, value) !== value) {
      this.tag(value < 0n ? NEGATIVE : POSITIVE);
      return this.string((value < 0n ? -value : value).toString(16));
    }
    this.tag(BIGINT);
    writer.data.setBigInt64(writer.at, value, true);
    writer.at += 8;
    return true;
  }

  private object(value: object, depth: number): boolean {
    if (depth > DEEPEST || !this.met.isNew(value)) return false;
    if (Array.isArray(value)) return this.array(value as readonly unknown[], depth);
    if (isRecord(value)) return this.record(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype) {
      this.tag(DATE);
      return this.double((value as Date).getTime());
    }
    return this.view(value, viewTag(value, prototype));
  }

  private array(value: readonly unknown[], depth: number): boolean {
    if (Object.getPrototypeOf(value) !== Array.prototype || !isDense(value)) return false;
    this.tag(ARRAY);
    this.int(value.length);
    for (const inner of value) if (!this.value(inner, depth + 1)) return false;
    return true;
  }

  private record(value: Record<string, unknown>, depth: number): boolean {
    const shape = this.shapeOf(value);
    if (shape === undefined) return false;
    this.tag(RECORD);
    this.tag(shape);
    for (const key of this.shapes[shape]!) if (!this.value(value[key], depth + 1)) return false;
    return true;
  }

  /** Which of the shapes it has; a new one, while there are few. */
  private shapeOf(value: Record<string, unknown>): number | undefined {
    const { shapes } = this;
    // Most often the same as before, as in an array, or the one that came next when this one came before.
    for (let i = 0, at = this.latest; i < shapes.length; i++, at++) {
      if (at === shapes.length) at = 0;
      if (hasKeys(value, shapes[at]!)) return (this.latest = at);
    }
    if (shapes.length === MANY_SHAPES) return undefined;
    return (this.latest = shapes.push(Object.keys(value)) - 1);
  }

  private view(value: object, tag: number | undefined): boolean {
    const { writer } = this;
    if (tag === undefined) return false;
    const bytes = bytesOf(value);
    if (bytes.buffer !== value && !this.met.isNew(bytes.buffer)) return false;
    if (!writer.room(STEP + bytes.length)) return false;
    this.tag(VIEW);
    this.tag(tag);
    this.int(bytes.length);
    writer.bytes.set(bytes, writer.at);
    writer.at += bytes.length;
    return true;
  }
}
