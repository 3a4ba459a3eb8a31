import { memory } from '../../transport/memory/memory.js';
import { ManualClock } from '../clock.js';
import * as modules from '../worker-modules.js';
import type { WorkersFixture, WorkersUnderTest } from './target.js';

/** The workers of the memory transport under test: also what to copy for another transport. */
export function memoryWorkersTarget(
  options: { readonly starts?: number; readonly measure?: WorkersFixture['measure'] } = {},
): WorkersUnderTest {
  return {
    name: 'memory',
    manifest: memory().manifest,
    timed: true,
    starts: options.starts ?? 1000,
    create: async () => {
      // Loading is the platform's affair, and takes its time: it is over before anything is measured by turns.
      for (const { load } of Object.values(modules)) await load().catch(() => undefined);
      const clock = new ManualClock();
      const transport = memory({ runtime: clock });
      return {
        transport,
        clock,
        leftovers: () => (transport.health().workers > 0 ? ['a worker'] : []),
        dispose: () => transport.close(),
        ...(options.measure === undefined ? {} : { measure: options.measure }),
      };
    },
  };
}
