import { type ErrorFields, packErrors, unpackErrors } from '@millrace/core/channels';
import { inspect } from 'node:util';
import type { Codec } from '../codec.js';
import type { ByteWriter } from '../writer.js';
import { checkBudget } from './budget.js';
import { survey } from './survey.js';
import { ViewDeserializer, ViewSerializer } from './views.js';

/**
 * Whatever structured clone carries, as V8 writes it (`node:v8`): only JavaScript on V8 reads it. What is written is an array: the
 * value, and, where there are errors in it, which clone would strip of their fields, what stands beside them.
 */
export const clone: Codec = Object.freeze({
  id: 3,
  name: 'structured-clone',
  encode,
  encodeInto(value: unknown, out: ByteWriter): void {
    out.append(encode(value));
  },
  decode,
});

function encode(value: unknown): Uint8Array {
  const { errors, shared } = survey(value);
  const serializer = new ViewSerializer(shared);
  serializer.writeHeader();
  if (errors) {
    const packed = packErrors(value);
    serializer.writeValue([packed.value, packed.errors.map(([standIn, fields]) => [standIn, texts(fields)])]);
  } else serializer.writeValue([value]);
  const bytes = serializer.releaseBuffer();
  // What nobody could read is not to be put.
  checkBudget(bytes);
  return bytes;
}

/** Whatever somebody has set them to. */
function texts({ name, message, stack, own }: Record<keyof ErrorFields, unknown>): Record<keyof ErrorFields, unknown> {
  return { name: text(name), message: text(message), stack: stack === undefined ? undefined : text(stack), own };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

function decode(bytes: Uint8Array): unknown {
  checkBudget(bytes);
  const deserializer = new ViewDeserializer(bytes);
  deserializer.readHeader();
  const read: unknown = deserializer.readValue();
  const rest = bytes.length - deserializer.position(bytes);
  if (rest !== 0) throw new RangeError(`${String(rest)} bytes follow behind the value.`);
  if (!Array.isArray(read) || read.length < 1 || read.length > 2) throw new RangeError('It is no value with what stands beside it.');
  const [value, errors] = read as readonly unknown[];
  if (read.length === 1) return value;
  if (!isErrors(errors)) throw new RangeError('What should tell of errors does not.');
  return unpackErrors({ value, errors });
}

type Errors = readonly (readonly [object, ErrorFields])[];

function isErrors(errors: unknown): errors is Errors {
  return Array.isArray(errors) && errors.every((entry: unknown) => Array.isArray(entry) && entry.length === 2 && isObject(entry[0]) && isFields(entry[1]));
}

function isFields(fields: unknown): fields is ErrorFields {
  if (!isObject(fields)) return false;
  const { name, message, stack, own } = fields as Partial<Record<keyof ErrorFields, unknown>>;
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    Array.isArray(own) &&
    own.every((field: unknown) => Array.isArray(field) && field.length === 2 && typeof field[0] === 'string')
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
