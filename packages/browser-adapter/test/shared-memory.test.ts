import { browserWorkers } from '@millrace/browser-adapter';
import { browserWorkers as overPorts } from '@millrace/browser-adapter/ports';
import { IterableQueue, MillraceError, type Transport } from '@millrace/core';
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

/** Whether what a queue's state lies in is shared, once an item has gone through it. */
async function isShared(transport: Transport): Promise<boolean> {
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
  const text = 'long enough to be decoded by the platform: žluťoučký kůň '.repeat(100);
  await queue.producer().put(text);
  expect(await queue.consumer().get()).toBe(text);
  await transport.close();
  expect(opened).toHaveLength(1);
  return opened[0] instanceof SharedQueue;
}

const able = inject('isolated') && 'waitAsync' in Atomics;

describe('where queues live', () => {
  it('is shared memory where the page has it, and else the page', async () => {
    expect(await isShared(browserWorkers())).toBe(able);
  });

  it('is the page if that is asked for', async () => {
    expect(await isShared(browserWorkers({ channel: 'ports' }))).toBe(false);
  });

  it('is the page by the entry that has nothing else', async () => {
    expect(await isShared(overPorts())).toBe(false);
  });

  it('is shared memory if that is asked for, or that is refused with what to do', async () => {
    if (able) expect(await isShared(browserWorkers({ channel: 'shared-memory' }))).toBe(true);
    else {
      const error = thrown(() => browserWorkers({ channel: 'shared-memory' }));
      expect(error).toBeInstanceOf(MillraceError);
      expect(error).toMatchObject({ code: 'CAPABILITY_MISSING' });
      expect((error as Error).message).toContain(
        inject('isolated') ? 'Atomics.waitAsync' : 'Cross-Origin-Opener-Policy',
      );
    }
  });

  it.each([
    ['bytes', -1],
    ['bytes', NaN],
    ['bytes', Infinity],
    ['bytes', '1'],
    ['channel', 'pigeon'],
    ['channel', { open: () => undefined }],
  ])('%s of %s is refused', (option, value) => {
    expect(thrown(() => browserWorkers({ [option]: value }))).toMatchObject({
      code: 'BAD_OPTION',
      details: { option, value },
    });
  });
});
