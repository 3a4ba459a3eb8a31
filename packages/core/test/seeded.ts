import type { TransportUnderTest } from '@millrace/core/testing';

/** With `MILLRACE_SEED=seed` or `MILLRACE_SEED=seed,path`, as a failed run printed them, repeats that run. */
export function seeded(target: TransportUnderTest): TransportUnderTest {
  return { ...target, ...replay() };
}

/** The same, for a property of one's own. */
export function replay(): { seed?: number; path?: string } {
  const [seed, path] = (process.env['MILLRACE_SEED'] ?? '').split(',');
  if (seed === undefined || seed === '') return {};
  return { seed: Number(seed), ...(path === undefined ? {} : { path }) };
}
