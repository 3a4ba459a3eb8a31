import { DEEPEST } from './plain.js';

/** Beyond these few objects, looking through all of them takes longer than a set. */
const FEW_OBJECTS = 16;

/**
 * The objects that were met within one value. Structured clone keeps an object that is met twice the same; two copies would be
 * wrong.
 */
export class Met {
  private few: object[] = [];
  private many: Set<object> | undefined;

  /** Another value begins. */
  clear(): void {
    if (this.few.length > 0) this.few = [];
    this.many = undefined;
  }

  /** Whether it is met for the first time. */
  isNew(object: object): boolean {
    const { few, many } = this;
    if (many !== undefined) return many.size < many.add(object).size;
    if (few.includes(object)) return false;
    if (few.push(object) > FEW_OBJECTS) this.many = new Set(few);
    return true;
  }
}

/** Whether no object is met twice within a value of plain data. What is not plain is left to whoever writes it. */
export function isApart(value: object, met: Met, depth: number): boolean {
  if (depth > DEEPEST || !met.isNew(value)) return false;
  if (ArrayBuffer.isView(value)) return met.isNew(value.buffer);
  if (Array.isArray(value)) {
    for (const inner of value as readonly unknown[])
      if (isObject(inner) && !isApart(inner, met, depth + 1)) return false;
    return true;
  }
  for (const key in value) {
    const inner: unknown = (value as Record<string, unknown>)[key];
    if (isObject(inner) && !isApart(inner, met, depth + 1)) return false;
  }
  return true;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
