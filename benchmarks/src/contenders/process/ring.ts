/**
 * The least that a bounded queue between one producer and one consumer can be: a circular array, a place for the consumer
 * that waits for an item, and one for the producer that waits for room. Nothing is acknowledged, cancelled, counted or
 * given back. Shows how fast `await put()` and `for await` can be at all.
 */
export class BareRing<T> {
  private readonly slots: (T | undefined)[];
  private readonly mask: number;
  private first = 0;
  private length = 0;
  private closed = false;
  private taker: ((result: IteratorResult<T, undefined>) => void) | undefined;
  private chunkTaker: (() => void) | undefined;
  private putter: (() => void) | undefined;

  /** @param capacity - a power of two */
  constructor(capacity: number) {
    this.slots = new Array<T | undefined>(capacity).fill(undefined);
    this.mask = capacity - 1;
  }

  put(item: T): Promise<void> | undefined {
    const { taker } = this;
    if (taker !== undefined) {
      this.taker = undefined;
      taker({ done: false, value: item });
      return undefined;
    }
    if (this.length > this.mask) return this.putLater(item);
    this.slots[(this.first + this.length++) & this.mask] = item;
    return undefined;
  }

  /** Answers how many were put at once, from `start` on; the rest is to be put after `room()`. */
  putSome(items: readonly T[], start: number): number {
    const count = Math.min(items.length - start, this.mask + 1 - this.length);
    for (let i = 0; i < count; i++)
      this.slots[(this.first + this.length++) & this.mask] = items[start + i];
    const { chunkTaker } = this;
    if (chunkTaker !== undefined) {
      this.chunkTaker = undefined;
      chunkTaker();
    }
    return count;
  }

  room(): Promise<void> {
    return new Promise((resolve) => (this.putter = resolve));
  }

  async takeMany(max: number): Promise<T[]> {
    while (this.length === 0) {
      if (this.closed) return [];
      await new Promise<void>((resolve) => (this.chunkTaker = resolve));
    }
    const count = Math.min(max, this.length);
    const chunk = new Array<T>(count);
    for (let i = 0; i < count; i++) chunk[i] = this.shift();
    this.wakePutter();
    return chunk;
  }

  close(): void {
    this.closed = true;
    this.taker?.({ done: true, value: undefined });
    this.taker = undefined;
    this.chunkTaker?.();
    this.chunkTaker = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const park = (resolve: (result: IteratorResult<T, undefined>) => void): void => {
      this.taker = resolve;
    };
    return {
      next: (): Promise<IteratorResult<T, undefined>> => {
        if (this.length > 0) {
          const value = this.shift();
          this.wakePutter();
          return Promise.resolve({ done: false, value });
        }
        if (this.closed) return Promise.resolve({ done: true, value: undefined });
        return new Promise(park);
      },
    };
  }

  private async putLater(item: T): Promise<void> {
    await this.room();
    await this.put(item);
  }

  private shift(): T {
    const at = this.first;
    const item = this.slots[at] as T;
    this.slots[at] = undefined;
    this.first = (at + 1) & this.mask;
    this.length--;
    return item;
  }

  private wakePutter(): void {
    const { putter } = this;
    if (putter === undefined) return;
    this.putter = undefined;
    putter();
  }
}
