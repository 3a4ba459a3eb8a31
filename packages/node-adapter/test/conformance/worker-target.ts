import type { Transport } from '@millrace/core';
import type { WorkersUnderTest } from '@millrace/core/testing';
import { workerThreads } from '@millrace/node-adapter';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { measure } from './measure.ts';

// Hundreds of threads start in half the time when they need not compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/compile');

/** Threads' own, of those that Node counts. */
const OURS = new Set(['MessagePort', 'Worker']);

/** Real threads, with little memory, so that it is soon used up. */
export function threadWorkersTarget({
  channel,
  ...options
}: {
  readonly starts: number;
  readonly flushes?: number;
  readonly channel: 'ports' | 'shared-memory';
}): WorkersUnderTest {
  return {
    name: `worker threads over ${channel}`,
    manifest: workerThreads().manifest,
    ordered: channel === 'ports',
    ...options,
    create: () => {
      const opened = workerThreads({ channel, resourceLimits: { maxOldGenerationSizeMb: 48 } });
      const before = handles();
      let closing: Promise<void> | undefined;
      const transport: Transport = { ...opened, close: () => (closing ??= opened.close()) };
      return {
        transport,
        leftovers: async () => {
          // Ports close in their own turn.
          for (let turn = 0; turn < 100 && handles() > before; turn++) await setImmediate();
          return handles() > before ? [`${String(handles() - before)} ports or threads`] : [];
        },
        measure,
        dispose: () => transport.close(),
      };
    },
  };
}

function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => OURS.has(name)).length;
}
