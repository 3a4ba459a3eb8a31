import { HOST_BELL, HOST_HEARD, JOURNAL, JOURNAL_LENGTH, JOURNAL_WORDS, pagesAt, SLOTS_AT, SLOT_WORDS, E, wordsFor } from './layout.js';

/** Counts keep so much in their lower word. */
const CARRY = 2 ** 30;
/** The host's place among those who are to be rung. */
export const HOST = -1;

interface Neighbour {
  /** Says what it has put off; answers, if that has to wait for the lock, when it is done. */
  catchUp(): Promise<void> | undefined;
  /** Hears of what there is, now. */
  hear(): void;
}

/**
 * One thread's view of a queue's shared memory. Each change is noted in a journal before it is made, so that what somebody
 * had begun when it died, or when it threw, is undone as a whole: `commit` makes it last. A thread dies between two of its
 * steps, and all that it stored before is there: plain stores are enough.
 */
export class Words {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly pages: number;
  readonly heap: number;
  /** Endpoints that use this very view: what one of them has done, and says at the end of its turn, may be asked for before. */
  readonly neighbours = new Set<Neighbour>();
  /** Slots to be rung once the lock is free. */
  readonly rings: number[] = [];

  constructor(memory: SharedArrayBuffer, pages: number) {
    this.memory = memory;
    // With a length of their own: views that follow a buffer that may grow are read five to fifteen times slower.
    this.words = new Int32Array(memory, 0, memory.byteLength / 4);
    this.bytes = new Uint8Array(memory, 0, memory.byteLength);
    this.pages = pages;
    this.heap = pagesAt(pages);
  }

  static create(pages: number): Words {
    const length = 4 * wordsFor(pages);
    // It never grows. But what may grow is mapped: of its memory only what is touched is ever used, and all of it is returned
    // at the end. Without that, it may be cut from memory that was freed before, and filled with zeroes.
    return new Words(new SharedArrayBuffer(length, { maxByteLength: length }), pages);
  }

  get(at: number): number {
    return this.words[at]!;
  }

  set(at: number, value: number): void {
    const { words } = this;
    const length = words[JOURNAL_LENGTH]!;
    if (length >= JOURNAL_WORDS) throw new RangeError('A step in shared memory changes more than its journal holds.');
    words[JOURNAL + length] = at;
    words[JOURNAL + length + 1] = words[at]!;
    words[JOURNAL_LENGTH] = length + 2;
    words[at] = value;
  }

  add(at: number, by: number): void {
    this.set(at, this.words[at]! + by);
  }

  /** Adds to a count of two words. */
  count(at: number, by: number): void {
    let low = this.words[at]! + by;
    if (low >= CARRY || low < 0) {
      const carry = low < 0 ? -1 : 1;
      low -= carry * CARRY;
      this.set(at + 1, this.words[at + 1]! + carry);
    }
    this.set(at, low);
  }

  counted(at: number): number {
    return this.words[at + 1]! * CARRY + this.words[at]!;
  }

  setCount(at: number, value: number): void {
    this.set(at + 1, Math.floor(value / CARRY));
    this.set(at, value % CARRY);
  }

  /** What was changed so far stays. */
  commit(): void {
    this.words[JOURNAL_LENGTH] = 0;
  }

  /** What was changed since the last commit is as it was. May be done by another thread, and again. */
  rollback(): void {
    const { words } = this;
    for (let length = words[JOURNAL_LENGTH]!; length > 0; ) {
      length -= 2;
      words[words[JOURNAL + length]!] = words[JOURNAL + length + 1]!;
    }
    words[JOURNAL_LENGTH] = 0;
  }

  /** What its endpoints have put off is done: at once, or when the lock is free. */
  catchUp(): Promise<unknown> | undefined {
    const late: Promise<void>[] = [];
    for (const neighbour of this.neighbours) {
      const done = neighbour.catchUp();
      if (done !== undefined) late.push(done);
    }
    return late.length > 0 ? Promise.all(late) : undefined;
  }

  /** Rings once the lock is free. */
  ring(slot: number): void {
    if (!this.rings.includes(slot)) this.rings.push(slot);
  }
}

/** Where it is noted which ring was heard last. */
export function heardOf(slot: number): number {
  return slot === HOST ? HOST_HEARD : SLOTS_AT + slot * SLOT_WORDS + E.HEARD;
}

/** Where it is noted whose thread looks at its bell all the time. */
export function lingersOf(slot: number): number {
  return SLOTS_AT + slot * SLOT_WORDS + E.LINGERS;
}

export function ownerOf(slot: number): number {
  return SLOTS_AT + slot * SLOT_WORDS + E.OWNER;
}

/** The word of the bell of a slot, or of the host. */
export function bellOf(slot: number): number {
  return slot === HOST ? HOST_BELL : SLOTS_AT + slot * SLOT_WORDS + E.BELL;
}
