import { closeSync, openSync, writeSync } from 'node:fs';

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
  private readonly file: number;
  private readonly record = Buffer.alloc(RECORD);

  constructor(path: string) {
    this.file = openSync(path, 'a');
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
    closeSync(this.file);
  }

  private write(kind: number, id: number, count = 1): void {
    this.record.writeUInt32LE(id, 0);
    this.record.writeUInt32LE(count * 2 ** KIND_BITS + kind, 4);
    writeSync(this.file, this.record);
  }
}
