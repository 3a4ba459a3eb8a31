import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';

import { TempFolder } from '../shared/temp-folder.js';
import { BEGUN, BEGUN_AGAIN, CONFIRMED, FINISHED, KIND_BITS, OFFERED, RECORD } from './book.js';

/** What the ledger says once everything is over. */
export interface Audit {
  /** Ids that a producer was about to put. */
  readonly offered: number;
  /** Ids that reached the queue: confirmed to their producer, or taken. */
  readonly put: number;
  /** Ids that a consumer was done with. */
  readonly taken: number;
  /** Ids that were confirmed, and that no consumer was done with. */
  readonly lost: number;
  /** How often an id was begun again. */
  readonly duplicated: number;
  /** Those of them that did not say so: always 0 unless the queue is wrong. */
  readonly unmarkedDuplicates: number;
  /** Deliveries that said of themselves that they were not the first. */
  readonly redelivered: number;
  /** Ids that were offered and never confirmed, since their producer was killed. */
  readonly unconfirmed: number;
  /** Those of them that arrived nevertheless. */
  readonly unconfirmedTaken: number;
}

/** How much of a book is read at once. */
const CHUNK = 8192 * RECORD;

/**
 * Who saw which item: the sum of all books, which the producers and consumers write themselves. It knows nothing of what
 * the queue says, and works the same for threads, for processes, and in one process.
 */
export class Ledger {
  /** Ids that reached the queue, as far as it was read. */
  put = 0;
  /** Ids that a consumer was done with, as far as it was read. */
  taken = 0;
  /** 0, then OFFERED, then CONFIRMED. */
  private readonly state: Uint8Array;
  private readonly begun: Uint16Array;
  private readonly marked: Uint16Array;
  private readonly done: Uint8Array;
  private readonly folder = new TempFolder();
  /** How much of each book was read. */
  private readonly books = new Map<string, number>();
  private readonly chunk = Buffer.alloc(CHUNK);

  constructor(items: number) {
    this.state = new Uint8Array(items);
    this.begun = new Uint16Array(items);
    this.marked = new Uint16Array(items);
    this.done = new Uint8Array(items);
  }

  /** Where a worker is to write its book. */
  bookFor(worker: string): string {
    const book = path.join(this.folder.path, worker);
    this.books.set(book, 0);
    return book;
  }

  /** Takes in what has been written in all books since they were read the last time. */
  readAll(): void {
    for (const book of this.books.keys()) this.read(book);
  }

  /** Takes in what has been written in one book. */
  read(book: string): void {
    let file: number;
    try {
      file = openSync(book, 'r');
    } catch {
      return; // Its worker has not begun it, and may never do.
    }
    try {
      this.books.set(book, this.readFrom(file, this.books.get(book) ?? 0));
    } finally {
      closeSync(file);
    }
  }

  /** Where a producer of these ids goes on after another that was killed, and whose book was read. */
  firstNotOffered(from: number, to: number): number {
    let id = from;
    while (id < to && this.state[id] !== 0) id++;
    return id;
  }

  audit(): Audit {
    this.readAll();
    const audit = {
      offered: 0,
      put: this.put,
      taken: this.taken,
      lost: 0,
      duplicated: 0,
      unmarkedDuplicates: 0,
      redelivered: 0,
      unconfirmed: 0,
      unconfirmedTaken: 0,
    };
    for (const [id, state] of this.state.entries()) {
      const taken = this.done[id] !== 0;
      const again = Math.max(0, (this.begun[id] ?? 0) - 1);
      const marked = this.marked[id] ?? 0;
      if (state !== 0) audit.offered++;
      if (state === CONFIRMED && !taken) audit.lost++;
      if (state === OFFERED) audit.unconfirmed++;
      if (state === OFFERED && taken) audit.unconfirmedTaken++;
      audit.duplicated += again;
      audit.unmarkedDuplicates += Math.max(0, again - marked);
      audit.redelivered += marked;
    }
    return audit;
  }

  /** Removes the books. */
  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }

  /** Reads on to the end and answers where that is: behind the last whole record, for a worker may be killed within one. */
  private readFrom(file: number, from: number): number {
    for (let at = from; ; ) {
      const length = readSync(file, this.chunk, 0, CHUNK, at);
      const whole = length - (length % RECORD);
      for (let i = 0; i < whole; i += RECORD) this.enter(this.chunk.readUInt32LE(i), this.chunk.readUInt32LE(i + 4));
      at += whole;
      if (length < CHUNK) return at;
    }
  }

  private enter(id: number, what: number): void {
    const kind = what % 2 ** KIND_BITS;
    switch (kind) {
      case OFFERED:
        this.state[id] = OFFERED;
        return;
      case CONFIRMED:
        for (let next = id, to = id + Math.floor(what / 2 ** KIND_BITS); next < to; next++) {
          this.state[next] = CONFIRMED;
          if (this.done[next] === 0) this.put++;
        }
        return;
      case BEGUN:
      case BEGUN_AGAIN:
        this.begun[id]!++;
        if (kind === BEGUN_AGAIN) this.marked[id]!++;
        return;
      case FINISHED:
        if (this.done[id] !== 0) return;
        this.done[id] = 1;
        this.taken++;
        if (this.state[id] !== CONFIRMED) this.put++;
    }
  }
}
