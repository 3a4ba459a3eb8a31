import type { TransportUnderTest } from '@millrace/core/testing';

/** With `MILLRACE_SEED=seed` or `MILLRACE_SEED=seed,path`, as a failed run printed them, repeats that run. */
export function seeded(target: TransportUnderTest): TransportUnderTest {
  const [seed, path] = (process.env['MILLRACE_SEED'] ?? '').split(',');
  if (seed === undefined || seed === '') return target;
  return { ...target, seed: Number(seed), ...(path === undefined ? {} : { path }) };
}
