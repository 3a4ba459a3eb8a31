import type { ErrorCode } from '../errors/error.js';
import type { Message } from './message.js';

/** What a peer tells the post office: the first element says which it is. The numbers are part of the wire form. */
export const TO_OFFICE = {
  /** May I write to this name? Answered by `OPENED` or `REFUSED`. */
  OPEN: 1,
  /** Mail for its recipient, or for whoever takes it. */
  MAIL: 2,
  /** Mail for every other peer. */
  COPIES: 3,
  /** Mail that this peer was sent has reached user code: its sender may send another. */
  TAKEN: 4,
  /** ... and is processed. Says `TAKEN` too, if that was not said. */
  DONE: 5,
  /** ... and is answered, by this message. */
  ANSWER: 6,
  /** ... and goes back, whether or not it was begun. */
  RETURN: 7,
  /** A receive waits for mail that is addressed to nobody. */
  SEEK: 8,
  /** It does no more. Answered by `NOTHING`, unless it was given something before. */
  UNSEEK: 9,
  /** Its predicate accepts what was offered: is it still to be had? Answered by `GRANTED` or `DENIED`. */
  CLAIM: 10,
  /** Its predicate has declined so many of the offers. */
  DECLINED: 11,
  /** Tell these peers (null: all others) to die. Answered by `ANSWERED`. */
  DIE: 12,
  /** Answered when nothing is outstanding. */
  JOIN: 13,
  /** Answered at once: whether nothing is outstanding. */
  EMPTY: 14,
} as const;

/** What the post office tells a peer. */
export const TO_PEER = {
  OPENED: 1,
  REFUSED: 2,
  /** Mail that is addressed to this peer. */
  MAIL: 3,
  /** Mail that is addressed to nobody, for a receive that takes anything. */
  GIVEN: 4,
  /** A copy of such mail, for a receive whose predicate is to judge it. */
  OFFER: 5,
  GRANTED: 6,
  DENIED: 7,
  /** A receive is sought for no more, and was given nothing. */
  NOTHING: 8,
  /** So many more may be sent, for each line. */
  CREDIT: 9,
  /** Mail of this peer's was not processed, and will not be. */
  UNDELIVERED: 10,
  DIE: 11,
  /** Another peer has left. */
  LEFT: 12,
  ANSWERED: 13,
  /** The conversation was closed. */
  CLOSED: 14,
} as const;

type Office = typeof TO_OFFICE;
type Peer = typeof TO_PEER;

/** The number that the office gave to one copy of a message. */
export type Ref = number;
/** The number that a peer gave to one of its receives, or to a question. */
export type Own = number;

/** Why something cannot be: what an error is made of at the other end. */
export type Reason = readonly [code: ErrorCode, text: string];

/** The line of mail to nobody, among the names to which there are lines. No peer can have this name. */
export const ANYONE = '';
/** The line of copies to all. No peer can have this name. */
export const ALL = 'all';

export type ToOffice =
  | readonly [Office['OPEN'], name: string]
  | readonly [Office['MAIL'], Message]
  | readonly [Office['COPIES'], Message]
  | readonly [Office['TAKEN'], Ref]
  | readonly [Office['DONE'], Ref]
  | readonly [Office['ANSWER'], Ref, Message]
  | readonly [Office['RETURN'], Ref, begun: boolean]
  | readonly [Office['SEEK'], receive: Own, choosy: boolean, looks: boolean]
  | readonly [Office['UNSEEK'], receive: Own]
  | readonly [Office['CLAIM'], receive: Own, Ref]
  | readonly [Office['DECLINED'], receive: Own, offers: number]
  | readonly [Office['DIE'], question: Own, Message, names: readonly string[] | null]
  | readonly [Office['JOIN'], question: Own]
  | readonly [Office['EMPTY'], question: Own];

export type ToPeer =
  | readonly [Peer['OPENED'], name: string]
  | readonly [Peer['REFUSED'], name: string, ...Reason]
  /** `unsought` is a receive that this mail will satisfy, and that is sought for no more. */
  | readonly [Peer['MAIL'], Ref, Message, unsought: Own | null]
  | readonly [Peer['GIVEN'], receive: Own, Ref, Message, attempt: number]
  | readonly [Peer['OFFER'], receive: Own, Ref, Message, attempt: number]
  | readonly [Peer['GRANTED'], receive: Own, Ref, attempt: number]
  | readonly [Peer['DENIED'], receive: Own, Ref]
  | readonly [Peer['NOTHING'], receive: Own]
  | readonly [Peer['CREDIT'], lines: readonly (readonly [line: string, more: number])[]]
  | readonly [Peer['UNDELIVERED'], id: string, recipient: string, request: string, ...Reason]
  | readonly [Peer['DIE'], Message]
  | readonly [Peer['LEFT'], name: string]
  | readonly [Peer['ANSWERED'], question: Own, empty: boolean, reason: Reason | null]
  | readonly [Peer['CLOSED']];
