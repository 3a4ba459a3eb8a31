/** Deeper nesting is refused, so that what was put can be taken wherever the stack stands. */
export const MOST_DEPTH = 1000;

const FEW = 16;
const OBJECT = Object.prototype;
const ARRAY = Array.prototype;
const BYTES = Uint8Array.prototype;

/**
 * Whether a value is data that MessagePack says in full, so that it arrives as structured clone would carry it: null,
 * undefined, booleans, numbers but for -0, text but for halves of surrogate pairs, bytes, and arrays and objects of these that
 * occur once. It is asked of each value that is put: cheap, and without a path.
 */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isPlainLeaf(value);
  // A getter within the value may put something itself.
  const own = idle ?? new Judge();
  idle = undefined;
  try {
    return own.object(value, 1);
  } finally {
    own.reset();
    idle = own;
  }
}

function isPlainLeaf(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return value !== 0 || 1 / value > 0;
    case 'boolean':
    case 'undefined':
      return true;
    default:
      return value === null;
  }
}

/** Whether an array has neither holes nor fields besides its items. */
export function isDense(value: readonly unknown[]): boolean {
  const { length } = value;
  const keys = Object.keys(value);
  // As many keys as items, the last of them an index: then all are.
  return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}

class Judge {
  /** Objects met so far. The first few are looked through; more of them are in `many`. */
  private readonly few = new Array<object | undefined>(FEW).fill(undefined);
  private met = 0;
  private many: Set<object> | undefined;

  reset(): void {
    // Rather than to shorten it, which is slower.
    for (let i = 0; i < this.met; i++) this.few[i] = undefined;
    this.met = 0;
    this.many = undefined;
  }

  object(value: object, depth: number): boolean {
    if (depth > MOST_DEPTH || this.again(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === OBJECT || prototype === null) return this.fields(value as Record<string, unknown>, depth);
    if (prototype === ARRAY) return this.items(value as unknown[], depth);
    return this.bytes(value, prototype);
  }

  private fields(value: Record<string, unknown>, depth: number): boolean {
    for (const key in value) {
      // A reader renames a field of that name, lest it set the prototype.
      if (key === '__proto__' || !key.isWellFormed()) return false;
      const field = value[key];
      if (!(typeof field === 'object' && field !== null ? this.object(field, depth + 1) : isPlainLeaf(field))) return false;
    }
    return true;
  }

  private items(value: readonly unknown[], depth: number): boolean {
    if (!isDense(value)) return false;
    for (const item of value)
      if (!(typeof item === 'object' && item !== null ? this.object(item, depth + 1) : isPlainLeaf(item))) return false;
    return true;
  }

  /** Bytes arrive as an array of their own, which what looks on the same buffer would not share. */
  private bytes(value: object, prototype: unknown): boolean {
    if (prototype !== BYTES && prototype !== Buffer.prototype) return false;
    const { buffer } = value as Uint8Array;
    if (!(buffer instanceof ArrayBuffer)) return false;
    // Small Buffers share memory with all the process, and not in any sense with each other.
    return prototype === Buffer.prototype || !this.again(buffer);
  }

  /** Notes an object, and tells whether it was noted before. */
  private again(value: object): boolean {
    const { few, met } = this;
    if (this.many === undefined) {
      for (let i = 0; i < met; i++) if (few[i] === value) return true;
      if (met < FEW) {
        few[met] = value;
        this.met++;
        return false;
      }
      this.many = new Set();
      for (const object of few) if (object !== undefined) this.many.add(object);
    }
    const { size } = this.many;
    return this.many.add(value).size === size;
  }
}

let idle: Judge | undefined = new Judge();
