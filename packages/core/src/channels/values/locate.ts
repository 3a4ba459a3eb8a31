import { platform } from '../../runtime/runtime.js';

interface Found {
  readonly path: string;
  readonly what: string;
}

/** Finds the first part of a value that structured clone refuses, for an error's text. Called only after a refusal. */
export function locateUncloneable(
  root: unknown,
  transfer?: readonly object[],
  carries: (value: object) => boolean = cloneable,
): Found | undefined {
  const seen = new Set<object>();
  const moved = new Set<object>(transfer);
  const open: [path: string, value: unknown][] = [['', root]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, value] = next;
    if (typeof value === 'function') return { path, what: value.name === '' ? 'a function' : `the function ${value.name}` };
    if (typeof value === 'symbol') return { path, what: String(value) };
    if (typeof value !== 'object' || value === null || seen.has(value) || moved.has(value)) continue;
    seen.add(value);
    const fields = fieldsOf(path, value);
    if (fields === undefined) {
      if (!carries(value)) return { path, what: `a ${kindOf(value)}` };
    } else for (const field of fields.reverse()) open.push(field);
  }
  return undefined;
}

function fieldsOf(path: string, value: object): [string, unknown][] | undefined {
  if (Array.isArray(value)) return value.map((field, i) => [`${path}[${String(i)}]`, field]);
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].flatMap(([key, field], i) => [
      [`${path}.keys[${String(i)}]`, key] as [string, unknown],
      [`${path}.get(${keyName(key)})`, field],
    ]);
  if (value instanceof Set) return [...(value as Set<unknown>)].map((field, i) => [`${path}.values[${String(i)}]`, field]);
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Object]') {
    const names = value instanceof Error ? Object.getOwnPropertyNames(value) : Object.keys(value);
    return names.map((name) => {
      const place = /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
      try {
        return [place, (value as Record<string, unknown>)[name]];
      } catch {
        return [place, Symbol('a getter that throws')];
      }
    });
  }
  return undefined;
}

function keyName(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean' ? String(key) : kindOf(key);
}

function cloneable(value: object): boolean {
  try {
    platform.structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const { constructor } = value as { constructor?: { name?: unknown } };
  return typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'object';
}
