import { MillraceError } from '@millrace/core';

/** Makes a `BAD_OPTION` of what `parseArgs` throws: for an unknown option, or one without its value. */
export function readArgs<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new MillraceError('BAD_OPTION', error instanceof Error ? error.message : String(error));
  }
}

export interface WholeLimits {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** A whole number between two bounds, or the default when it was not given. */
export function whole(name: string, given: string | undefined, limits: WholeLimits): number {
  if (given === undefined) return limits.default;
  const value = /^\d+$/.test(given) ? Number(given) : NaN;
  if (value >= limits.min && value <= limits.max) return value;
  const { min, max } = limits;
  const range = `a whole number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
  throw badOption(name, given, range);
}

/** One of several words, or the first of them when it was not given. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  name: string,
  given: string | undefined,
  words: Words,
): Words[number] {
  if (given === undefined) return words[0];
  const found = words.find((word) => word === given);
  if (found === undefined) throw badOption(name, given, `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);
  return found;
}

function badOption(name: string, given: string, allowed: string): MillraceError {
  return new MillraceError(
    'BAD_OPTION',
    `Option --${name} is ${JSON.stringify(given)}; it must be ${allowed}.`,
    { option: name, value: given },
  );
}
