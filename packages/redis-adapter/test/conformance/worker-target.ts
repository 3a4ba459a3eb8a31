import type { Transport, TransportManifest } from '@millrace/core';
import type { WorkersUnderTest } from '@millrace/core/testing';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ProcessLimits } from '../../dist/processes/index.js';
import { measure } from './measure.ts';

// Hundreds of processes start in half the time when they need not compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/compile');

/** What a process or a connection holds, of those that Node counts. */
const OURS = new Set(['ProcessWrap', 'PipeWrap', 'TCPSocketWrap']);

/** What opens the transport: as `redis()` does, with limits for its processes. */
export type OpenTransport = (options: { readonly resourceLimits: ProcessLimits }) => Transport;

/** Real processes, with little memory, so that it is soon used up. */
export function processWorkersTarget(
  open: OpenTransport,
  options: { readonly manifest: TransportManifest; readonly starts: number; readonly flushes?: number },
): WorkersUnderTest {
  return {
    name: 'worker processes',
    ...options,
    create: () => {
      const before = handles();
      const opened = open({ resourceLimits: { maxOldGenerationSizeMb: 48 } });
      let closing: Promise<void> | undefined;
      const transport: Transport = { ...opened, close: () => (closing ??= opened.close()) };
      return {
        transport,
        leftovers: async () => {
          // Pipes and sockets close in their own turn.
          for (let turn = 0; turn < 100 && handles() > before; turn++) await setImmediate();
          return handles() > before ? [`${String(handles() - before)} processes, pipes or sockets`] : [];
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
