import { type Link, reviveShared, systemRuntime } from '@millrace/core/channels';
import { expect, test } from 'vitest';

/** Where a queue's memory says who has its lock; and what it says when somebody else has it, and nobody waits. */
const LOCK = 0;
const OTHER = 99 << 2;

class HostLink implements Link {
  closed = false;
  readonly whenClosed: Promise<void>;
  private readonly words: Int32Array;
  private resolve: () => void = () => undefined;
  /** Who had the lock when it was closed. */
  holder: number | undefined;

  constructor(words: Int32Array) {
    this.words = words;
    this.whenClosed = new Promise((resolve) => (this.resolve = resolve));
  }

  post(): void {}
  receive(): void {}
  detach(): object {
    return {};
  }

  close(): void {
    this.closed = true;
    this.holder = Atomics.load(this.words, LOCK);
    this.resolve();
  }
}

// To the host, who hears of a closed link as it hears of a death, the lock is free from then on, or another's.
test('a link is closed once nothing of it waits for the lock', async () => {
  const memory = new SharedArrayBuffer(2 ** 20);
  const words = new Int32Array(memory);
  const host = new HostLink(words);
  Atomics.store(words, LOCK, OTHER);
  const link = reviveShared({ memory, pages: 64, slot: 0, owner: 1, port: {}, sync: 0, patience: 0, now: 0 }, 'producer', host, systemRuntime);
  link.receive(
    () => undefined,
    () => undefined,
  );
  link.close();
  expect(host.closed).toBe(false);
  Atomics.store(words, LOCK, 0);
  Atomics.notify(words, LOCK);
  await host.whenClosed;
  expect(host.holder).toBe(0);
});

test('a link of which nothing waits is closed at once', () => {
  const memory = new SharedArrayBuffer(2 ** 20);
  const host = new HostLink(new Int32Array(memory));
  const link = reviveShared({ memory, pages: 64, slot: 0, owner: 1, port: {}, sync: 0, patience: 0, now: 0 }, 'producer', host, systemRuntime);
  link.receive(
    () => undefined,
    () => undefined,
  );
  link.close();
  expect(host.closed).toBe(true);
});
