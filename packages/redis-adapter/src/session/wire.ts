import { Packr, Unpackr } from 'msgpackr';

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

/** Reads a frame: the length of its head, the head, the bytes. */
export function readFrame(frame: Buffer): Frame {
  const headEnd = 4 + frame.readUInt32BE(0);
  const [number, messages, lengths] = unpacker.unpack(frame.subarray(4, headEnd)) as [number, Message[], number[]];
  return {
    number,
    messages,
    bytes: (index) => {
      let from = headEnd;
      for (let i = 1; i < index; i++) from += lengths[i] ?? 0;
      return frame.subarray(from, from + (lengths[index] ?? 0));
    },
  };
}

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
