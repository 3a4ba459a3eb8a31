import { MillraceError } from '@millrace/core';
import { systemRuntime } from '@millrace/core/channels';
import { NAME } from '../errors.js';

/** What is recorded, of which queue, and which of them. Tabs are of no queue. */
export type Key = readonly [
  kind: 'tab' | 'spec' | 'state' | 'item' | 'seen' | 'letter',
  queue: string,
  id: string | number,
];

export type Records = readonly (readonly [key: Key, record: unknown])[];

const STORE = 'records';

/** Whose turn it is to write. A host that is as good as gone may still have a moment to live: from the next one's first look on, it writes nothing. */
const TERM = ['term'];

/**
 * What a host writes down, so that the next one can go on: in the origin's IndexedDB, in batches. A transaction that the
 * host's death cuts short has not happened.
 */
export class Journal {
  /** Above that of all who wrote before. */
  readonly term: number;
  private readonly database: IDBDatabase;
  private readonly onFailure: (error: MillraceError) => void;
  /** By its text, each key that has a record, written or about to be. */
  private readonly live = new Map<string, Key>();
  private open = new Map<string, readonly [key: Key, record: unknown]>();
  private writing = false;
  private planned = false;
  /** Who waits for what is being written, and for what is recorded since. */
  private early: (() => void)[] = [];
  private late: (() => void)[] = [];
  private over = false;

  private constructor(
    database: IDBDatabase,
    term: number,
    onFailure: (error: MillraceError) => void,
  ) {
    this.database = database;
    this.term = term;
    this.onFailure = onFailure;
  }

  /** Opens what hosts of this name write to; answers what is there. Nobody else writes to it from now on. */
  static async open(
    name: string,
    onFailure: (error: MillraceError) => void,
  ): Promise<{ journal: Journal; records: Records }> {
    try {
      const opening = indexedDB.open(`millrace:tabs:${name}`, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore(STORE);
      };
      const database = await done(opening);
      const transaction = database.transaction(STORE, 'readwrite');
      const store = transaction.objectStore(STORE);
      const [keys, values, last] = [store.getAllKeys(), store.getAll(), store.get(TERM)];
      let term = 0;
      // Within the event, not by a promise that waits for it: then the transaction may be over already.
      last.onsuccess = () => {
        // By the clock where the journal is new: tabs may remember the terms of one that was deleted.
        term = Math.max(((last.result as number | undefined) ?? 0) + 1, Date.now());
        store.put(term, TERM);
      };
      await ended(transaction);
      const journal = new Journal(database, term, onFailure);
      const records = keys.result
        .map((key, i) => [key as unknown as Key, values.result[i] as unknown] as const)
        .filter(([key]) => key.length > TERM.length);
      for (const [key] of records) journal.live.set(JSON.stringify(key), key);
      return { journal, records };
    } catch (error) {
      throw unwritable(error);
    }
  }

  set(key: Key, record: unknown): void {
    this.note(key, record);
    this.live.set(JSON.stringify(key), key);
  }

  delete(key: Key): void {
    if (this.live.delete(JSON.stringify(key))) this.note(key, undefined);
  }

  /** Forgets all of a queue. */
  forget(queue: string): void {
    for (const key of [...this.live.values()])
      if (key[0] !== 'tab' && key[1] === queue) this.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    for (const key of [...this.live.values()]) this.delete(key);
  }

  /** Calls back when all that was recorded so far is written, in the order of the calls; at once if it is. Not at all when that fails. */
  written(call: () => void): void {
    if (this.open.size > 0) this.late.push(call);
    else if (this.writing) this.early.push(call);
    else call();
  }

  /** Writes no more. */
  close(): void {
    this.over = true;
    this.database.close();
  }

  private note(key: Key, record: unknown): void {
    this.open.set(JSON.stringify(key), [key, record]);
    if (this.planned || this.writing) return;
    this.planned = true;
    systemRuntime.defer(() => {
      this.planned = false;
      void this.write();
    });
  }

  private async write(): Promise<void> {
    this.writing = true;
    try {
      while (this.open.size > 0 && !this.over) {
        const batch = this.open;
        this.early = this.late;
        this.open = new Map();
        this.late = [];
        await this.commit(batch);
        // Those that begin to wait meanwhile are behind them.
        for (let call = this.early.shift(); call !== undefined; call = this.early.shift()) call();
      }
    } catch (error) {
      if (this.over) return;
      this.close();
      this.onFailure(unwritable(error));
    }
    this.writing = false;
  }

  private commit(batch: Map<string, readonly [key: Key, record: unknown]>): Promise<void> {
    const transaction = this.database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const looking = store.get(TERM);
    looking.onsuccess = () => {
      if (looking.result !== this.term) {
        this.over = true;
        transaction.abort();
        return;
      }
      for (const [key, record] of batch.values())
        if (record === undefined) store.delete(key as unknown as IDBValidKey);
        else store.put(record, key as unknown as IDBValidKey);
    };
    return ended(transaction);
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('The request failed.'));
    };
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error('The transaction was aborted.'));
    };
  });
}

function unwritable(cause: unknown): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    `sharedTabs() without a SharedWorker writes down what its queues hold, and cannot: ${cause instanceof Error ? cause.message : String(cause)}. The browser's storage is full, or not to be had here.`,
    { transport: NAME },
    cause,
  );
}
