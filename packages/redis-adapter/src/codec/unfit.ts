import { isDense } from './plain.js';

/** What a value cannot be carried for. A codec that knows the place names it. */
export class Unfit extends Error {
  readonly path: string | undefined;

  constructor(what: string, path?: string) {
    super(what);
    this.path = path;
  }
}

export interface Format {
  /** What is wrong with something that is neither an array nor a plain object; undefined if nothing is. */
  readonly leaf: (value: unknown) => string | undefined;
  /** What is wrong with a field's name. */
  readonly key?: (key: string) => string | undefined;
  /** Whether the same object may occur in two places. Within itself it never may. */
  readonly twice: boolean;
}

/** Looks through arrays and plain objects. Throws {@link Unfit}, with the path to the first part that the format does not have. */
export function findUnfit(value: unknown, format: Format): void {
  new Search(format).look(value, '');
}

class Search {
  private readonly format: Format;
  private readonly around = new Set<object>();

  constructor(format: Format) {
    this.format = format;
  }

  look(value: unknown, path: string): void {
    const { format, around } = this;
    if (typeof value !== 'object' || value === null || !isContainer(value)) {
      const what = format.leaf(value);
      if (what !== undefined) throw new Unfit(what, path);
      return;
    }
    if (around.has(value)) throw new Unfit(format.twice ? 'what it lies within' : 'what it lies within, or elsewhere in the value', path);
    around.add(value);
    if (Array.isArray(value)) {
      if (!isDense(value)) throw new Unfit('an array with holes or fields', path);
      for (const [i, item] of value.entries()) this.look(item, `${path}[${String(i)}]`);
    } else
      for (const [key, field] of Object.entries(value)) {
        const at = /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
        const what = format.key?.(key);
        if (what !== undefined) throw new Unfit(what, at);
        this.look(field, at);
      }
    if (format.twice) around.delete(value);
  }
}

function isContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** In words: a function, a Date... */
export function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === undefined || value === null ? String(value) : `a ${typeof value}`;
  const { constructor } = value as { constructor?: { name?: unknown } };
  return `a ${typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'object'}`;
}
