/** What the exploration uses of the channel's modules, once they are transformed. */

export type Message = readonly unknown[];

export interface Words {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly pages: number;
  readonly heap: number;
  readonly rings: readonly number[];
  get(at: number): number;
  set(at: number, value: number): void;
  add(at: number, by: number): void;
  commit(): unknown;
  ring(slot: number): void;
}

export interface Link {
  post(message: Message): void;
  claim?(again: boolean): number;
  receive?(onMessage: (message: Message) => void, onLost: () => void): void;
  close(): void;
}

export interface Runtime {
  now(): number;
}

/** What the code of simulated threads knows of the machine, and tells the judge. */
export interface World {
  readonly runtime: Runtime;
  toHost(slot: number, message: Message): void;
  toSlot(slot: number, message: Message): void;
  later(slot: number, job: () => void): void;
  /** An item's put has begun, in this epoch. */
  starts(item: number, epoch: number): void;
  shown(slot: number, item: number, attempt: number): void;
  acks(item: number): void;
  gives(item: number): void;
  clears(): void;
}

interface Bells {
  ring(s: Words, slot: number): void;
  listen(s: Words, slot: number, look: () => void): { expect(owner: number): void; end(): void };
}

type Use = 'begun' | 'maybe' | 'unbegun';

type Constants = Readonly<Record<'SLOTS' | 'HOST' | 'HOST_HOLDER' | 'STEPS' | 'HOST_HEARD' | 'SYNC' | 'EPOCH' | 'EPOCH_START' | 'NEXT_PLACE' | 'FLAGS' | 'CLOSED' | 'ENDED' | 'FREED' | 'TOP' | 'CAPACITY' | 'FREE_PAGES' | 'KEPT' | 'LOCK' | 'LOCK_NAME', number>> &
  Readonly<
    Record<
      | 'JOURNAL_LENGTH' | 'JOURNAL' | 'JOURNAL_WORDS' | 'SIZE' | 'RESERVED' | 'IN_HAND' | 'WAITING' | 'FIRST' | 'LAST' | 'SEEK_FIRST' | 'SEEK_LAST'
      | 'OPEN_PRODUCERS' | 'OPEN_CONSUMERS' | 'PRODUCERS' | 'CONSUMERS' | 'HUNGRY' | 'STUCK' | 'HOST_BELL' | 'DRAINED_TOLD'
      | 'PUT' | 'ACKED' | 'DROPPED' | 'CLEARED' | 'REDELIVERED' | 'SLOTS_AT' | 'SLOT_WORDS' | 'BITMAP' | 'PAGE' | 'PRODUCER' | 'CONSUMER' | 'FREE' | 'AT_HOME' | 'FETCHED',
      number
    >
  >;

export interface Shared extends Constants {
  readonly E: Readonly<
    Record<
      | 'ROLE' | 'BELL' | 'HEARD' | 'OUT' | 'GRANTED' | 'PUTS' | 'SEEK_NEXT' | 'SEEK_BEFORE' | 'SEEKS' | 'ROOM_RECALL' | 'SEEN' | 'ARRIVED' | 'HUNGRY' | 'RUNG' | 'FETCHED' | 'EXPECTED' | 'IN_HAND'
      | 'NACKS' | 'FIRST' | 'LAST' | 'ITEM_RECALL' | 'SYNCED' | 'LONE' | 'ALONE' | 'STUCK',
      number
    >
  >;
  readonly B: Readonly<Record<'PLACE' | 'COUNT' | 'OPEN' | 'AT' | 'BYTES' | 'KEY' | 'NEXT', number>>;
  readonly R: Readonly<Record<'NEXT' | 'BEFORE' | 'BLOCK' | 'FROM' | 'TO' | 'STATE' | 'ATTEMPT' | 'ALONE' | 'PART' | 'BASE', number>>;
  readonly TO_HOME: Readonly<Record<'BLOCK' | 'WANT' | 'RETURN' | 'CLOSE' | 'SYNCED' | 'REPORT' | 'NACK' | 'GIVE_BACK', number>>;
  readonly TO_ENDPOINT: Readonly<Record<'CREDIT' | 'RECALL' | 'CLOSED' | 'SYNC' | 'ITEMS' | 'DRAINED', number>>;
  readonly TO_HOST: Readonly<Record<'KEEP' | 'FORGET' | 'FETCH', number>>;
  readonly FROM_HOST: Readonly<Record<'VALUES', number>>;
  readonly sharedBells: Bells;
  readonly Words: { new (memory: SharedArrayBuffer, pages: number): Words; create(pages: number): Words };
  readonly Access: new (s: Words, holder: number, bells: Bells) => { run(step: () => void): boolean };
  readonly SharedLink: new (s: Words, at: { role: string; slot: number; owner: number; sync: number; patience: number; now: number | undefined }, host: Link, runtime: Runtime, bells: Bells) => Link;
  slotAt(slot: number): number;
  holderOf(owner: number): number;
  open(s: Words, slot: number, role: 'producer' | 'consumer', owner: number): unknown;
  leave(s: Words, slot: number, unknown: Use, now: number, back: (run: number, use: Use) => void): unknown;
  tend(s: Words, now: number): void;
  ringAll(s: Words): void;
  recover(s: Words, holder: number): boolean;
  findInHand(s: Words, slot: number, part: number, index: number): number;
  takeBack(s: Words, slot: number, run: number, use: Use, maxDeliveries: number): number;
  discardOutdated(s: Words): boolean;
  forgetBlock(s: Words, block: number): void;
}
