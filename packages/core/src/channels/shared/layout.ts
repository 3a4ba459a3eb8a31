/**
 * Where everything lies in a queue's shared memory, in words of 32 bits. All of it but the bells and the lock itself is read
 * and written by whoever holds the lock.
 */

/** Who holds the lock, and whether anybody waits for it; 0 if nobody does. */
export const LOCK = 0;
/** The holder's name is so many bits up; below it is whether anybody waits. */
export const LOCK_NAME = 2;
/** How many words of the journal are in use: what they say is undone if the holder dies. */
export const JOURNAL_LENGTH = 1;
/** Slots in use are below this. */
export const TOP = 2;
/** How many items may wait; negative for no bound. */
export const CAPACITY = 3;
export const FLAGS = 4;
/** What a full queue does with a put: one of the three below. */
export const OVERFLOW = 5;
/** How often the queue was cleared, and the place of the first item that was put after that. */
export const EPOCH = 6;
export const EPOCH_START = 7;
/** The place of the next item. Places go round: compare their difference. */
export const NEXT_PLACE = 8;
/** Items accepted and not in hand. */
export const SIZE = 9;
/** Room promised to producers. */
export const RESERVED = 10;
export const IN_HAND = 11;
/** Items in the list of those that wait, and its first and last run. */
export const WAITING = 12;
export const FIRST = 13;
export const LAST = 14;
/** Endpoints that wait for room. */
export const SEEK_FIRST = 15;
export const SEEK_LAST = 16;
/** Open ones, slots for workers that are restarted included. */
export const OPEN_PRODUCERS = 17;
export const OPEN_CONSUMERS = 18;
/** Endpoints alone. */
export const PRODUCERS = 19;
export const CONSUMERS = 20;
/** Consumers where somebody waits for an item. */
export const HUNGRY = 21;
/** The slot at which the next look for a hungry one begins. */
export const NEXT_SLOT = 22;
/** Consumers whose deliveries wait to put. */
export const STUCK = 23;
/** Grows when the host is to look. */
export const HOST_BELL = 24;
/** Set while the host wants to hear of items that are settled. */
export const HOST_COUNTS = 25;
/** The number of the latest point in time that all endpoints are told of. */
export const SYNC = 26;
/** The first of the blocks whose values the host keeps and that are settled. */
export const FREED = 27;
/** The heap: where to look for free pages first, and how many there are. */
export const HINT = 28;
export const FREE_PAGES = 29;
/** Set while somebody waits for memory. */
export const SHORT = 30;
/** While it is drained: how many items were in hand, plus one, when consumers were last told. */
export const DRAINED_TOLD = 31;

/** Counts, of two words each. */
export const PUT = 32;
export const TAKEN = 34;
export const ACKED = 36;
export const REDELIVERED = 38;
export const REFUSED = 40;
export const DROPPED = 42;
export const CLEARED = 44;
export const WAITED = 46;
export const FENCE = 48;
/** The last name that was given to a block whose values the host keeps. Changed without the lock. */
export const LAST_KEY = 52;
/** The host has something to tell before the queue may end. */
export const HOLDS = 53;
/** Pages that are kept for records: bytes find no room there. */
export const KEPT = 56;
/** Items whose lives have not ended, and how many there may be, put-back letters aside; 0: no bound. */
export const OPEN_ITEMS = 57;
export const MOST_ITEMS = 58;
/** The latest place behind an endpoint's own items, of those that have left. */
export const LEFT_END = 59;
/** Consumers in other threads than the host's. */
export const AWAY = 60;
/** How many steps there were: who sees no more of them knows that all is quiet. */
export const STEPS = 55;
/** The host's bell, as it last looked. */
export const HOST_HEARD = 54;
/** When an item was last taken, and settled: in ms on the host's clock, plus one. */
export const LAST_TAKEN = 50;
export const LAST_SETTLED = 51;

export const CLOSED = 1;
export const ENDED = 2;
/** The gate is closed. */
export const REFUSING = 4;
/** There is a gate. */
export const GATED = 8;
export const ON_TAKE = 16;

export const WAIT = 0;
export const DROP_OLDEST = 1;
export const DROP_NEWEST = 2;

export const JOURNAL = 64;
export const JOURNAL_WORDS = 2048;

/** The most endpoints that a queue can have open. */
export const SLOTS = 512;
export const SLOT_WORDS = 40;
export const SLOTS_AT = JOURNAL + JOURNAL_WORDS;

/** An endpoint. */
export const E = Object.freeze({
  /** FREE, PRODUCER or CONSUMER. */
  ROLE: 0,
  /** Grows when it is to look. */
  BELL: 1,
  /** Room that it was promised and has not used. */
  OUT: 2,
  /** Of that, what it has not been told of. */
  GRANTED: 3,
  /** Its puts that wait. */
  PUTS: 4,
  SEEK_NEXT: 5,
  SEEK_BEFORE: 6,
  SEEKS: 7,
  /** When it began to wait for room, in ms on the host's clock. */
  SINCE: 8,
  /** It is to return the room that it does not use. */
  ROOM_RECALL: 9,
  /** Items that arrived from it, and the number of its latest put, plus one: two words each. */
  ARRIVED: 10,
  SEEN: 12,
  /** How many items it has asked for, if somebody there waits for them. */
  HUNGRY: 14,
  /** It was told of items that wait, and has not looked. */
  RUNG: 15,
  /** Sent there and not known to be begun; of these, those that somebody there waits for. */
  FETCHED: 16,
  EXPECTED: 17,
  IN_HAND: 18,
  NACKS: 19,
  /** What it was sent and has not settled: a list of runs. */
  FIRST: 20,
  LAST: 21,
  /** It is to return the items that it has not begun. */
  ITEM_RECALL: 22,
  /** The latest point in time that it has answered. */
  SYNCED: 23,
  /** The number of the latest part of a block that it was sent. */
  PART: 24,
  /** The place of the latest item that was sent there, and whether there is one. */
  LATEST: 25,
  HAS_LATEST: 26,
  BEGUN: 27,
  HAS_BEGUN: 28,
  /** Items in hand that had to be alone, and whether one is under way: until it is begun, nothing else is sent. */
  LONE: 29,
  ALONE: 30,
  /** A delivery's put waits, and the host has said that it waits in vain. */
  STUCK: 31,
  UNSTICKING: 32,
  /** It waits for others to return something. */
  WATCHES: 33,
  /** It waits for memory. */
  SHORT: 34,
  /** The bell, as it last looked. */
  HEARD: 36,
  /** Which of those that had this slot it is. */
  OWNER: 35,
  /** Its owner, while its thread looks at its bell all the time: nobody need wake it. */
  LINGERS: 37,
  /** The place behind the latest item that it has put; and the same when it answered the latest point in time. */
  STORED_END: 38,
  SYNCED_END: 39,
});

export const FREE = 0;
export const PRODUCER = 1;
export const CONSUMER = 2;

/** Memory is handed out in pages of so many words: one for a record. */
export const PAGE = 16;

/** A block of items, as its producer filled it. */
export const B = Object.freeze({
  /** Of its first item. */
  PLACE: 0,
  COUNT: 1,
  /** Items that are not settled. */
  OPEN: 2,
  /** Its bytes: the word at which they begin, and how many there are; 0 where the host keeps its values. */
  AT: 3,
  BYTES: 4,
  /** The name by which the host knows them. */
  KEY: 5,
  NEXT: 6,
});

/** Items of one block, one behind the other, with the same history. */
export const R = Object.freeze({
  NEXT: 0,
  BEFORE: 1,
  BLOCK: 2,
  FROM: 3,
  TO: 4,
  /** AT_HOME, FETCHED, SENT, REACHED or HELD. */
  STATE: 5,
  /** What the next delivery, or the one under way, will say. */
  ATTEMPT: 6,
  /** Deliveries that surely reached user code. */
  BEGUN: 7,
  /** 1: each is to be delivered alone; 2: it was. */
  ALONE: 8,
  /** With a consumer: the part that it came in, and where in the block that began. */
  PART: 9,
  BASE: 10,
});

export const AT_HOME = 0;
/** With a consumer, and not known to be begun. */
export const FETCHED = 1;
/** In hand, since it may be used at once; whether it was is not known. */
export const SENT = 2;
/** In user code's hands. */
export const REACHED = 3;
/** In hand, and something there holds it back from user code. */
export const HELD = 4;

export function slotAt(slot: number): number {
  return SLOTS_AT + slot * SLOT_WORDS;
}

/** Behind the slots: which pages are in use, a bit each, and then the pages. */
export const BITMAP = SLOTS_AT + SLOTS * SLOT_WORDS;

export function pagesAt(pages: number): number {
  const end = BITMAP + Math.ceil(pages / 32);
  return Math.ceil(end / PAGE) * PAGE;
}

export function wordsFor(pages: number): number {
  return pagesAt(pages) + pages * PAGE;
}
