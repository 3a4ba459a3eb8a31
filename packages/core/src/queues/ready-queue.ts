import { IterableQueue } from './iterable-queue.js';

/** A queue with a gate. */
export class ReadyQueue<T> extends IterableQueue<T> {
  private isReady = false;

  get ready(): boolean {
    return this.isReady;
  }

  setReady(): Promise<void> {
    this.isReady = true;
    return Promise.resolve();
  }

  setNotReady(): Promise<number> {
    this.isReady = false;
    return this.clear();
  }

  refuse(): Promise<void> {
    this.isReady = false;
    return Promise.resolve();
  }
}
