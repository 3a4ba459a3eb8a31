import { platform } from '../../runtime/runtime.js';
import { walk } from './survey.js';

/** Copies a value as some boundary would. Throws when it cannot be carried over it. */
export type Clone = (value: unknown) => unknown;

/** As the platform does: to what shares its memory. */
export const cloneHere: Clone = (value) => platform.structuredClone(value);

/**
 * What structured clone carries from one process to another: not shared memory, nor what is a handle on something of the
 * platform's here, though a thread next door could have it.
 */
export const cloneApart: Clone = (value) => {
  const copy = platform.structuredClone(value);
  walk(copy, (found) => {
    const tag = tagOf(found);
    // The copy of an instance is a plain object: one that has more than that above it is the platform's own.
    if (tag === 'Object' ? !isPlain(found) : !DATA.has(tag)) throw new Error(`A ${tag} stays in its process.`);
    if (ArrayBuffer.isView(found) && !DATA.has(tagOf(found.buffer))) throw new Error(`A ${tag} of shared memory stays in its process.`);
    return true;
  });
  return copy;
};

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function isPlain(value: object): boolean {
  const above: unknown = Object.getPrototypeOf(value);
  return above === null || Object.getPrototypeOf(above) === null;
}

const DATA = new Set([
  'Array',
  'Map',
  'Set',
  'Date',
  'RegExp',
  'Error',
  'Boolean',
  'Number',
  'String',
  'BigInt',
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]);
