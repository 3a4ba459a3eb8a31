import type { InLine } from '../../transport/line.js';
import type { Ref } from '../frames.js';
import type { Message } from '../message.js';
import type { Member } from './member.js';

/** One copy of a message, from its arrival at the office until it is processed. */
export class Letter implements InLine<Letter> {
  before: Letter | undefined;
  after: Letter | undefined;
  inLine = false;

  readonly ref: Ref;
  readonly from: Member;
  readonly id: string;
  readonly request: string;
  /** Whom it is for; undefined while anyone may take it. */
  readonly recipient: string | undefined;
  /** Kept for those that may have to be handed out again: addressed mail has left with its peer. */
  readonly kept: Message | undefined;
  /** The line in which its sender counts it; undefined for answers, which take no room. */
  readonly line: string | undefined;
  /** Copies to all count as one, until the last of them is taken. */
  readonly copies: { left: number } | undefined;

  attempt = 1;
  /** It was with a peer before. */
  returned = false;
  /** Its sender was told that it may send another. */
  credited = false;

  constructor(ref: Ref, from: Member, message: Message, line: string | undefined, copies?: { left: number }) {
    this.ref = ref;
    this.from = from;
    this.id = message.id;
    this.request = message.request;
    this.recipient = message.recipient;
    this.kept = message.recipient === undefined ? message : undefined;
    this.line = line;
    this.copies = copies;
  }
}
