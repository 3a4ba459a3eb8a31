import { browserWorkers } from '@millrace/browser-adapter';
import { sharedMemory } from '@millrace/browser-adapter/shared-memory';
import { IterableQueue, MillraceError } from '@millrace/core';
import { SharedQueue } from '@millrace/core/channels';
import { describe, expect, inject, it } from 'vitest';
import type {} from './engines/context.ts';

/** The error that it throws. */
function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

if (inject('isolated')) {
  describe('shared memory on an isolated page', () => {
    it('is where the queues of a transport live that was given it', async () => {
      const transport = browserWorkers({ channel: sharedMemory() });
      const opened: unknown[] = [];
      const queue = new IterableQueue<string>({
        transport: {
          ...transport,
          openQueue: (spec) => {
            const backend = transport.openQueue(spec);
            opened.push(backend);
            return backend;
          },
        },
      });
      expect(opened).toEqual([expect.any(SharedQueue)]);
      const text = 'long enough to be decoded by the platform: žluťoučký kůň '.repeat(100);
      await queue.producer().put(text);
      expect(await queue.consumer().get()).toBe(text);
      await transport.close();
    });

    it.each([-1, NaN, Infinity, '1' as never])('refuses %s bytes', (bytes) => {
      expect(thrown(() => sharedMemory({ bytes }))).toMatchObject({
        code: 'BAD_OPTION',
        details: { option: 'bytes' },
      });
    });
  });
} else {
  describe('shared memory on any other page', () => {
    it('is refused, and what to do is said', () => {
      const error = thrown(() => sharedMemory());
      expect(error).toBeInstanceOf(MillraceError);
      expect(error).toMatchObject({ code: 'CAPABILITY_MISSING' });
      expect((error as Error).message).toContain('Cross-Origin-Opener-Policy');
    });
  });
}
