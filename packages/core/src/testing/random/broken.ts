import { ConformanceError } from '../assert.js';

export function broken(message: string): never {
  throw new ConformanceError(message);
}

export function equal(what: string, actual: number, expected: number): void {
  if (actual !== expected) broken(`${what} is ${actual}, and must be ${expected}`);
}

export function between(what: string, actual: number, least: number, most: number): void {
  if (actual < least || actual > most)
    broken(`${what}: ${actual}, must be ${least === most ? least : `from ${least} to ${most}`}`);
}
