import type { Compiled } from './compile.js';
import { type Outcome, run, userNode } from './run.js';

/** Runs a compiled sample, and answers how it went beside how it should go. */
export async function tryOut({
  sample,
  main,
}: Compiled): Promise<{ went: Outcome; should: Outcome }> {
  const went = await run(userNode, [main], { limit: 30_000 });
  return {
    went,
    should: { code: 0, stdout: sample.prints.map((line) => `${line}\n`).join(''), stderr: '' },
  };
}
