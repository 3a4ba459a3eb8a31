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

const OFFERED = 1;
const CONFIRMED = 2;

/**
 * Who saw which item, in memory that all threads share: written by the producers and consumers
 * themselves, so that it knows nothing of what the queue says, and outlives any of them.
 */
export class Ledger {
  readonly buffer: SharedArrayBuffer;
  /** 0, then OFFERED, then CONFIRMED. Only the one producer whose share it is writes to an id. */
  private readonly state: Uint8Array;
  private readonly begun: Uint16Array;
  private readonly marked: Uint16Array;
  private readonly done: Uint16Array;

  private constructor(buffer: SharedArrayBuffer, items: number) {
    this.buffer = buffer;
    this.begun = new Uint16Array(buffer, 0, items);
    this.marked = new Uint16Array(buffer, 2 * items, items);
    this.done = new Uint16Array(buffer, 4 * items, items);
    this.state = new Uint8Array(buffer, 6 * items, items);
  }

  static create(items: number): Ledger {
    return new Ledger(new SharedArrayBuffer(7 * items), items);
  }

  /** The same ledger, in another thread. */
  static open(buffer: SharedArrayBuffer): Ledger {
    return new Ledger(buffer, buffer.byteLength / 7);
  }

  /** Called before the item is put. */
  offer(id: number): void {
    Atomics.store(this.state, id, OFFERED);
  }

  /** Called once the queue has confirmed the items from one id up to, not including, another. */
  confirm(from: number, to: number): void {
    for (let id = from; id < to; id++) Atomics.store(this.state, id, CONFIRMED);
  }

  /** Called before a consumer works on an item; `redelivered` is what the delivery says of itself. */
  begin(id: number, redelivered: boolean): void {
    Atomics.add(this.begun, id, 1);
    if (redelivered) Atomics.add(this.marked, id, 1);
  }

  /** Called after a consumer has worked on an item, before the queue is told. */
  finish(id: number): void {
    Atomics.add(this.done, id, 1);
  }

  /** Where the producer of these ids begins, or goes on after another that was killed. */
  firstNotOffered(from: number, to: number): number {
    let id = from;
    while (id < to && Atomics.load(this.state, id) !== 0) id++;
    return id;
  }

  audit(): Audit {
    const audit = {
      offered: 0,
      put: 0,
      taken: 0,
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
      if (state === CONFIRMED || taken) audit.put++;
      if (taken) audit.taken++;
      if (state === CONFIRMED && !taken) audit.lost++;
      if (state === OFFERED) audit.unconfirmed++;
      if (state === OFFERED && taken) audit.unconfirmedTaken++;
      audit.duplicated += again;
      audit.unmarkedDuplicates += Math.max(0, again - marked);
      audit.redelivered += marked;
    }
    return audit;
  }
}
