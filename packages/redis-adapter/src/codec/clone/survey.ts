import { errorFields } from '@millrace/core/channels';
import { types } from 'node:util';
import { MOST_DEPTH } from '../plain.js';
import { Unfit } from '../unfit.js';

export interface Survey {
  readonly errors: boolean;
  /** Buffers that more than one part of the value lies on: they are carried whole. */
  readonly shared: ReadonlySet<ArrayBufferLike>;
}

/** Prototypes whose instances structured clone makes plain objects of. */
const plain = new WeakSet();

/**
 * Looks through a value for what V8 has to be told of, in the order in which it writes. Throws for what structured clone would
 * carry no further than within this process; what it carries nowhere is left to V8 to refuse.
 */
export function survey(value: unknown): Survey {
  const walk = new Walk();
  walk.look(value, 0);
  return walk;
}

class Walk implements Survey {
  errors = false;
  readonly shared = new Set<ArrayBufferLike>();
  private readonly buffers = new Set<ArrayBufferLike>();
  private readonly seen = new Set<object>();

  look(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || this.seen.has(value)) return;
    if (depth === MOST_DEPTH) throw new Unfit(`It is nested more than ${String(MOST_DEPTH)} deep.`);
    this.seen.add(value);
    const inner = depth + 1;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null || Array.isArray(value)) this.fields(value, inner);
    else if (types.isMap(value))
      Map.prototype.forEach.call(value, (field, key) => {
        this.look(key, inner);
        this.look(field, inner);
      });
    else if (types.isSet(value))
      Set.prototype.forEach.call(value, (member) => {
        this.look(member, inner);
      });
    else if (value instanceof Error) {
      this.errors = true;
      for (const [, field] of errorFields(value).own) this.look(field, inner);
    } else if (ArrayBuffer.isView(value)) {
      // A small Buffer is a window on memory that it shares with whatever else the process reads: nothing of that is to leave.
      if (!Buffer.isBuffer(value)) this.buffer(value.buffer);
    } else if (types.isAnyArrayBuffer(value)) this.buffer(value);
    else if (!types.isDate(value) && !types.isRegExp(value) && !types.isBoxedPrimitive(value)) {
      if (!isCopiedPlain(value, prototype as object)) throw new Unfit('Only this process can hold it.');
      this.fields(value, inner);
    }
  }

  private fields(value: object, depth: number): void {
    for (const key of Object.keys(value)) this.look((value as Record<string, unknown>)[key], depth);
  }

  private buffer(buffer: ArrayBufferLike): void {
    if (!(buffer instanceof ArrayBuffer)) throw new Unfit('Shared memory cannot leave this process.');
    if (this.buffers.has(buffer)) this.shared.add(buffer);
    this.buffers.add(buffer);
  }
}

/** Whether structured clone takes its fields and forgets its class: the platform knows. Throws where it refuses. */
function isCopiedPlain(value: object, prototype: object): boolean {
  if (plain.has(prototype)) return true;
  const copy: unknown = structuredClone(value);
  if (Object.getPrototypeOf(copy) !== Object.prototype) return false;
  plain.add(prototype);
  return true;
}
