import type { ValueForm } from '@millrace/core/channels';
import { bytesForm, type Codec, decodeReason, Items } from './codec/index.js';

/** How values are written and read. */
export interface Values {
  readonly form: ValueForm;
  readonly readReason: (bytes: Uint8Array) => unknown;
  /** The codec's name, which all who open a queue have in common. */
  readonly codec: string;
}

export function valuesBy(codec: Codec | undefined, largestValue?: number): Values {
  return { form: bytesForm(new Items({ codec, largestValue })), readReason: decodeReason, codec: codec?.name ?? 'structured' };
}

/** For plain lists, whose entries are values and nothing else. */
export function listValuesBy(codec: Codec, largestValue?: number): Values {
  return { form: bytesForm(new Items({ codec, largestValue }), { headers: false }), readReason: decodeReason, codec: codec.name };
}

/** What Redis takes as one string, less some for what stands around the value in its block. */
export const LARGEST_VALUE = 512 * 1024 * 1024 - 64 * 1024;

export const defaultValues = valuesBy(undefined, LARGEST_VALUE);
