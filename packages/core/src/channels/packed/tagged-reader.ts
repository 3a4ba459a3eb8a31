import type { Reader } from './bytes.js';
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
} from './tags.js';
import { makeView } from './views.js';

/** Reads values one by one, from the text and the keys that were kept apart. */
export class TaggedReader {
  private readonly reader: Reader;
  private readonly text: string;
  private readonly shapes: readonly (readonly string[])[];
  private textAt = 0;

  constructor(reader: Reader, text: string, shapes: readonly (readonly string[])[]) {
    this.reader = reader;
    this.text = text;
    this.shapes = shapes;
  }

  value(): unknown {
    const tag = this.byte();
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case BYTE:
        return this.byte();
      case INT:
        return this.int();
      case DOUBLE:
        return this.double();
      case SHORT_STRING:
        return this.string(this.byte());
      case STRING:
        return this.string(this.int());
      case BIGINT:
        return this.bigint();
      case POSITIVE:
        return this.digits();
      case NEGATIVE:
        return -this.digits();
      case DATE:
        return new Date(this.double());
      case ARRAY:
        return this.array();
      case RECORD:
        return this.record();
      // VIEW, the only other one.
      default:
        return this.view();
    }
  }

  private byte(): number {
    return this.reader.bytes[this.reader.at++]!;
  }

  private int(): number {
    const { reader } = this;
    return reader.data.getInt32((reader.at += 4) - 4, true);
  }

  private double(): number {
    const { reader } = this;
    return reader.data.getFloat64((reader.at += 8) - 8, true);
  }

  private string(length: number): string {
    const at = this.textAt;
    return this.text.slice(at, (this.textAt = at + length));
  }

  private bigint(): bigint {
    const { reader } = this;
    return reader.data.getBigInt64((reader.at += 8) - 8, true);
  }

  private digits(): bigint {
    return BigInt(`0x${this.value() as string}`);
  }

  private array(): unknown[] {
    const length = this.int();
    const array: unknown[] = [];
    for (let i = 0; i < length; i++) array.push(this.value());
    return array;
  }

  private record(): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const key of this.shapes[this.byte()]!) {
      if (key === '__proto__') define(record, key, this.value());
      else record[key] = this.value();
    }
    return record;
  }

  private view(): object {
    const { reader } = this;
    const tag = this.byte();
    const length = this.int();
    return makeView(tag, reader.copy(reader.at, (reader.at += length)));
  }
}

/** To be set, this one key would change what the object inherits from. */
function define(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
