import { Packr, Unpackr } from 'msgpackr/index-no-eval';

/** Lua's own MessagePack knows neither extensions nor records. */
const packer = new Packr({ useRecords: false, encodeUndefinedAsNil: true });
const unpacker = new Unpackr({ useRecords: false, int64AsType: 'number' });

export type Message = readonly unknown[];

/** Kinds of messages that are a session's own: see the script `requests`. */
export const ASK = Object.freeze({
  OPEN: 101,
  SLOT: 102,
  UNSLOT: 103,
  CLOSE: 104,
  CLEAR: 105,
  READY: 106,
  NOT_READY: 107,
  REFUSE: 108,
  JOIN: 109,
  STATS: 110,
  BLOCKERS: 111,
  LETTERS: 112,
  LETTERS_BACK: 113,
  LETTERS_GONE: 114,
  LETTER_COUNT: 115,
  LOSE: 116,
  DETACH: 117,
  CLAIM: 118,
  LEAVE: 119,
} as const);

/** What comes back besides what endpoints are sent. */
export const TOLD = Object.freeze({ ANSWER: 80, EVENT: 81 } as const);

export function packMessages(messages: readonly Message[]): Uint8Array {
  return packer.pack(messages);
}

/** What one script has for one session: messages in order, and the bytes that they name. */
export interface Frame {
  readonly number: number;
  readonly messages: readonly Message[];
  /** The bytes with this number, which messages name from 1 on. */
  bytes(index: number): Buffer;
}

/** What no other part of a frame begins with: a block begins with the length of an item. Behind it stands the head's size. */
const HEAD = 0xffffffff;
const BEFORE_HEAD = 8;

export function isHead(part: Buffer): boolean {
  return part.length > BEFORE_HEAD && part.readUInt32LE(0) === HEAD;
}

/** What a frame's first part says. */
export interface FrameHead {
  readonly number: number;
  readonly messages: readonly Message[];
  /** How many parts are still to come. */
  readonly follow: number;
  /** The bytes that its messages name, where they stand behind it. */
  readonly parts: readonly Buffer[];
}

export function readHead(part: Buffer): FrameHead {
  const end = BEFORE_HEAD + part.readUInt32LE(4);
  const [number, messages, sizes] = unpacker.unpack(part.subarray(BEFORE_HEAD, end)) as [number, Message[], number[]];
  if (part.length === end) return { number, messages, follow: sizes.length, parts: [] };
  let at = end;
  return { number, messages, follow: 0, parts: sizes.map((size) => part.subarray(at, (at += size))) };
}

/** Reads a frame from its head and the parts that its messages name. */
export function frameOf({ number, messages, parts: own }: FrameHead, others: readonly Buffer[]): Frame {
  const parts = own.length > 0 ? own : others;
  return { number, messages, bytes: (index) => parts[index - 1] ?? EMPTY };
}

const EMPTY = Buffer.alloc(0);

/**
 * The body of a part of a block, whose table counts from the beginning of the whole block: from now on it counts from its own.
 */
export function rebased(body: Buffer, count: number, base: number): Buffer {
  if (base !== 0) for (let i = 0; i < count; i++) body.writeUInt32LE(body.readUInt32LE(4 * i) - base, 4 * i);
  return body;
}

/** Reads what the home itself packed. */
export function unpack(bytes: Buffer): unknown {
  return unpacker.unpack(bytes);
}
