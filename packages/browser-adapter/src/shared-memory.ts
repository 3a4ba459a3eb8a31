/**
 * Queues in shared memory, for pages that are cross-origin isolated. An entry of its own: who does not use it does not load it.
 *
 * @module
 */
import { MillraceError } from '@millrace/core';
import { SharedQueue } from '@millrace/core/channels';
import type { Channel } from './browser-workers.js';

export type { Channel } from './browser-workers.js';

export interface SharedMemoryOptions {
  /** For each queue: for items, in bytes. What does not fit goes by the page or worker that opened it. Default 16 MiB. */
  readonly bytes?: number | undefined;
}

/**
 * Queues in memory that all workers share: each puts and takes directly, and not by the page.
 *
 * Throws `CAPABILITY_MISSING` where memory cannot be shared: a page shares it once it is cross-origin isolated, by the
 * headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
 *
 * @example
 * ```ts
 * import { browserWorkers } from '@millrace/browser-adapter';
 * import { sharedMemory } from '@millrace/browser-adapter/shared-memory';
 *
 * const transport = browserWorkers({ channel: crossOriginIsolated ? sharedMemory() : undefined });
 * ```
 */
export function sharedMemory({ bytes }: SharedMemoryOptions = {}): Channel {
  if (bytes !== undefined && !(typeof bytes === 'number' && bytes >= 0 && bytes < Infinity))
    throw new MillraceError(
      'BAD_OPTION',
      `Option bytes is ${String(bytes)}; it must be a number of bytes from 0 up.`,
      { option: 'bytes', value: bytes },
    );
  if (!globalThis.crossOriginIsolated || !('waitAsync' in Atomics))
    throw new MillraceError(
      'CAPABILITY_MISSING',
      globalThis.crossOriginIsolated
        ? 'This browser has no Atomics.waitAsync, which queues in shared memory wait by: leave out the channel, and they go over message ports.'
        : 'This page cannot share memory, as it is not cross-origin isolated: have its server send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave out the channel, and queues go over message ports.',
      { option: 'channel' },
    );
  return {
    open: (spec, runtime) => {
      const queue = new SharedQueue(spec, runtime, { bytes });
      return { queue, health: () => queue.health() };
    },
  };
}
