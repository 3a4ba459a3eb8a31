// What was written down of each id, read as it grows, and what that proves.

import { closeSync, openSync, readSync } from 'node:fs';

/** What the books show. */
export interface Account {
  readonly offered: number;
  readonly confirmed: number;
  readonly taken: number;
  /** Ids whose ack was said, by whomever. */
  readonly settled: number;
  /** Ids that were confirmed, and that no consumer has got. */
  readonly lost: readonly string[];
  /** Ids with deliveries after the first that did not say so. */
  readonly unmarked: readonly string[];
  /** Ids with two deliveries under one fence, by which nobody can tell the later from the earlier. */
  readonly unfenced: readonly string[];
  /**
   * Ids whose last delivery nobody has settled. While items are in hand there are such. Once the queue has nothing left, something
   * else must have settled them: an ack that came from an earlier delivery, on a lease that was lost.
   */
  readonly unsettled: readonly string[];
  /** Deliveries after an id's first that did say so. */
  readonly marked: number;
  /** What ended programs that were not to end. */
  readonly failures: readonly string[];
  /** Acks that were refused, since the lease was lost. */
  readonly refused: number;
  /** How often a process was told that it had been cut off for too long. */
  readonly lapses: number;
}

interface Entry {
  confirmed: boolean;
  /** Deliveries that said to be the first. */
  firsts: number;
  deliveries: number;
  /** Of its latest delivery: fences only grow. */
  fence: number;
  /** Of the latest delivery that was settled. */
  settled: number;
  /** Two had the same fence. */
  twin: boolean;
}

/** An account in a line, with few of what may be many. */
export function brief(account: Account): string {
  return JSON.stringify(account, (_, value: unknown) =>
    Array.isArray(value) && value.length > 5
      ? [...(value as unknown[]).slice(0, 5), `${String(value.length)} in all`]
      : value,
  );
}

/** Reads what programs write, each in a file of its own, a line for each thing that happens. */
export class Book {
  private readonly files = new Map<string, { at: number; rest: string }>();
  private readonly entries = new Map<string, Entry>();
  private readonly failures: string[] = [];
  private readonly buffer = Buffer.alloc(1024 * 1024);
  private refused = 0;
  private lapses = 0;
  private taken = 0;
  private settled = 0;

  /** One more file, which may not be there yet. */
  add(file: string): void {
    this.files.set(file, { at: 0, rest: '' });
  }

  /** How many ids were taken, and how many were settled, so far. */
  get progress(): { readonly taken: number; readonly settled: number } {
    this.catchUp();
    return { taken: this.taken, settled: this.settled };
  }

  read(): Account {
    this.catchUp();
    const { failures, refused, lapses, taken, settled } = this;
    const found = {
      lost: [] as string[],
      unmarked: [] as string[],
      unfenced: [] as string[],
      unsettled: [] as string[],
    };
    let confirmed = 0;
    let marked = 0;
    for (const [id, entry] of this.entries) {
      if (entry.confirmed) confirmed++;
      if (entry.confirmed && entry.deliveries === 0) found.lost.push(id);
      if (entry.firsts > 1) found.unmarked.push(id);
      if (entry.twin) found.unfenced.push(id);
      if (entry.settled < entry.fence) found.unsettled.push(id);
      marked += entry.deliveries - entry.firsts;
    }
    return {
      offered: this.entries.size,
      confirmed,
      taken,
      settled,
      ...found,
      marked,
      failures: [...failures],
      refused,
      lapses,
    };
  }

  private catchUp(): void {
    for (const [file, state] of this.files) {
      let handle: number;
      try {
        handle = openSync(file, 'r');
      } catch {
        continue;
      }
      try {
        for (;;) {
          const count = readSync(handle, this.buffer, 0, this.buffer.length, state.at);
          if (count === 0) break;
          state.at += count;
          const lines = (state.rest + this.buffer.toString('latin1', 0, count)).split('\n');
          // The last one may be being written.
          state.rest = lines.pop() ?? '';
          for (const line of lines) this.note(line);
        }
      } finally {
        closeSync(handle);
      }
    }
  }

  private note(line: string): void {
    const [what, id = '', first = '', second = ''] = line.split(' ', 4);
    if (what === 'o') this.entry(id);
    else if (what === 'c') this.entry(id).confirmed = true;
    else if (what === 't') this.deliver(this.entry(id), Number(first), Number(second));
    else if (what === 's') this.settle(this.entry(id), Number(first));
    else if (what === 'x') this.refused++;
    else if (what === 'l') this.lapses++;
    else if (what === '!') this.failures.push(line);
  }

  private deliver(entry: Entry, attempt: number, fence: number): void {
    if (entry.deliveries++ === 0) this.taken++;
    if (attempt === 1) entry.firsts++;
    if (!(fence > 0)) this.failures.push(`a delivery has the fence ${String(fence)}`);
    if (fence === entry.fence) entry.twin = true;
    entry.fence = Math.max(entry.fence, fence);
  }

  private settle(entry: Entry, fence: number): void {
    if (entry.settled < 0) this.settled++;
    entry.settled = Math.max(entry.settled, fence);
  }

  /** A consumer's file may be read before its producer's. */
  private entry(id: string): Entry {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = { confirmed: false, firsts: 0, deliveries: 0, fence: -1, settled: -1, twin: false };
      this.entries.set(id, entry);
    }
    return entry;
  }
}
