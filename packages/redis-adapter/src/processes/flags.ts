import { MillraceError } from '@millrace/core';

/** Memory limits of a process, in MiB. */
export interface ProcessLimits {
  /** The heap of objects that have lived for a while. Default: Node's own. */
  readonly maxOldGenerationSizeMb?: number | undefined;
  /** The heap of new objects. Default: Node's own. */
  readonly maxYoungGenerationSizeMb?: number | undefined;
}

/** V8 is told the size of one of the three spaces that the young generation has. */
const YOUNG_SPACES = 3;

/** What Node's command line says for a process. Throws `BAD_OPTION`. */
export function flags(limits: ProcessLimits | undefined): string[] {
  const { maxOldGenerationSizeMb: old, maxYoungGenerationSizeMb: young } = limits ?? {};
  const inherited = inheritable(process.execArgv);
  if (old !== undefined) inherited.push(`--max-old-space-size=${String(whole('maxOldGenerationSizeMb', old))}`);
  if (young !== undefined)
    inherited.push(`--max-semi-space-size=${String(Math.ceil(whole('maxYoungGenerationSizeMb', young) / YOUNG_SPACES))}`);
  return inherited;
}

function whole(limit: string, mb: number): number {
  if (typeof mb === 'number' && mb > 0 && mb < Infinity) return Math.ceil(mb);
  const option = `resourceLimits.${limit}`;
  throw new MillraceError('BAD_OPTION', `Option ${option} is ${String(mb)}; it must be a number of MiB greater than 0.`, {
    option,
    value: mb,
  });
}

/** Those that say what the parent itself runs, or which port it is debugged at. */
const OWN = /^(--eval|-e|--print|-pe?|--input-type|--interactive|-i|--test|--watch|--inspect|--debug-port)/;
/** Of these, the ones whose value may stand apart. */
const VALUED = new Set(['--eval', '-e', '--print', '-p', '-pe', '--input-type', '--inspect-port', '--debug-port', '--watch-path']);

/** A child loads modules the way its parent does. */
function inheritable(own: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < own.length; i++) {
    const flag = own[i]!;
    if (!OWN.test(flag)) kept.push(flag);
    else if (VALUED.has(flag)) i++;
  }
  return kept;
}
