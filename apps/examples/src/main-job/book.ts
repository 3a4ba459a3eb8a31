import { storage } from '#storage';

import type { OpenFile } from './storage/storage.js';

/** How many bytes a record takes: an id, and then what happened with it and how many ids from there on. */
export const RECORD = 8;
/** What happened takes these bits; the number of ids has the others. */
export const KIND_BITS = 3;

export const OFFERED = 1;
export const CONFIRMED = 2;
export const BEGUN = 3;
export const BEGUN_AGAIN = 4;
export const FINISHED = 5;

/**
 * What one worker has seen, written down in a file of its own, record by record, before it goes on: whatever becomes of
 * the worker then, thread or process, its book has it.
 */
export class Book {
  private readonly file: OpenFile;
  private readonly bytes = new Uint8Array(RECORD);
  private readonly record = new DataView(this.bytes.buffer);

  static async open(path: string): Promise<Book> {
    return new Book(await storage.openToWrite(path));
  }

  private constructor(file: OpenFile) {
    this.file = file;
  }

  /** Called before the item is put. */
  offer(id: number): void {
    this.write(OFFERED, id);
  }

  /** Called once the queue has confirmed the items from one id up to, not including, another. */
  confirm(from: number, to: number): void {
    if (to > from) this.write(CONFIRMED, from, to - from);
  }

  /** Called before a consumer works on an item; `redelivered` is what the delivery says of itself. */
  begin(id: number, redelivered: boolean): void {
    this.write(redelivered ? BEGUN_AGAIN : BEGUN, id);
  }

  /** Called after a consumer has worked on an item, before the queue is told. */
  finish(id: number): void {
    this.write(FINISHED, id);
  }

  close(): void {
    this.file.close();
  }

  private write(kind: number, id: number, count = 1): void {
    this.record.setUint32(0, id, true);
    this.record.setUint32(4, count * 2 ** KIND_BITS + kind, true);
    this.file.write(this.bytes);
  }
}
