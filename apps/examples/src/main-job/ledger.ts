import { storage } from '#storage';

import { BEGUN, BEGUN_AGAIN, CONFIRMED, FINISHED, KIND_BITS, OFFERED, RECORD } from './book.js';
import type { Folder } from './storage/storage.js';

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

/** How far a book was read. */
interface Reading {
  from: number;
  last: Promise<void>;
}

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
  private readonly folder: Folder;
  /** Books that may still grow. */
  private readonly books = new Map<string, Reading>();

  static async open(items: number): Promise<Ledger> {
    return new Ledger(items, await storage.makeFolder());
  }

  private constructor(items: number, folder: Folder) {
    this.folder = folder;
    this.state = new Uint8Array(items);
    this.begun = new Uint16Array(items);
    this.marked = new Uint16Array(items);
    this.done = new Uint8Array(items);
  }

  /** Where a worker is to write its book. */
  bookFor(worker: string): string {
    const book = this.folder.pathOf(worker);
    this.books.set(book, { from: 0, last: Promise.resolve() });
    return book;
  }

  /** Takes in what has been written in all books since they were read the last time. */
  async readAll(): Promise<void> {
    await Promise.all([...this.books].map(([book, reading]) => this.read(book, reading)));
  }

  /** Takes in the rest of a book whose worker is gone. */
  async readToEnd(book: string): Promise<void> {
    const reading = this.books.get(book);
    if (reading === undefined) return;
    await this.read(book, reading);
    this.books.delete(book);
  }

  /** Readings of one book go one after the other. */
  private read(book: string, reading: Reading): Promise<void> {
    return (reading.last = reading.last.then(async () => {
      const bytes = await storage.read(book, reading.from);
      const records = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // Behind the last whole record: a worker may be killed within one.
      const whole = bytes.length - (bytes.length % RECORD);
      for (let i = 0; i < whole; i += RECORD) this.enter(records.getUint32(i, true), records.getUint32(i + 4, true));
      reading.from += whole;
    }));
  }

  /** Where a producer of these ids goes on after another that was killed, and whose book was read. */
  firstNotOffered(from: number, to: number): number {
    let id = from;
    while (id < to && this.state[id] !== 0) id++;
    return id;
  }

  async audit(): Promise<Audit> {
    await this.readAll();
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
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.books.values()].map(({ last }) => last));
    await this.folder.remove();
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
