import { type InLine, Line } from '../../transport/line.js';
import { type Own, type Ref, TO_PEER } from '../frames.js';
import type { Letter } from './letter.js';
import type { Member } from './member.js';

/** How many copies a receive with a predicate has before it at a time. */
const PORTION = 16;

/** A receive that waits for mail to nobody. */
export class Seeker implements InLine<Seeker> {
  before: Seeker | undefined;
  after: Seeker | undefined;
  inLine = false;
  readonly member: Member;
  readonly own: Own;
  /** It has a predicate, which only its peer can ask. */
  readonly choosy: boolean;
  /** It does not wait: it is told when it has seen all there is. */
  readonly looks: boolean;
  /** Choosy only: the next letter to offer. */
  next: Letter | undefined;
  /** Choosy only: offers that it has not judged. */
  pending = 0;

  constructor(member: Member, own: Own, choosy: boolean, looks: boolean) {
    this.member = member;
    this.own = own;
    this.choosy = choosy;
    this.looks = looks;
  }
}

/**
 * Where mail to nobody waits, in the order in which it arrived. A receive that takes anything gets the first of it. One with
 * a predicate is offered copies, and claims the one that it accepts: what it declines has never left its place.
 */
export class Counter {
  private readonly letters = new Line<Letter>();
  private readonly byRef = new Map<Ref, Letter>();
  private readonly plain = new Line<Seeker>();
  private readonly choosy = new Set<Seeker>();
  private readonly hand: (letter: Letter, to: Member) => void;

  /** @param hand - a letter has left the counter, and is its new holder's from now on */
  constructor(hand: (letter: Letter, to: Member) => void) {
    this.hand = hand;
  }

  get length(): number {
    return this.letters.length;
  }

  /** A letter arrives, or comes back to its old place. */
  add(letter: Letter): void {
    for (const seeker of this.plain) {
      // What a peer has sent never comes back to it.
      if (seeker.member === letter.from) continue;
      this.drop(seeker);
      this.give(letter, seeker);
      return;
    }
    this.insert(letter);
    for (const seeker of this.choosy) {
      if (seeker.member === letter.from || (seeker.next !== undefined && seeker.next.ref < letter.ref)) continue;
      if (seeker.pending < PORTION || letter.after !== undefined) this.offer(letter, seeker);
      else seeker.next = letter;
    }
  }

  seek(member: Member, own: Own, choosy: boolean, looks: boolean): void {
    const seeker = new Seeker(member, own, choosy, looks);
    member.seekers.set(own, seeker);
    if (choosy) {
      this.choosy.add(seeker);
      seeker.next = this.letters.head;
      this.refill(seeker);
      return;
    }
    const letter = this.firstFor(member);
    if (letter !== undefined) {
      this.drop(seeker);
      this.remove(letter);
      this.give(letter, seeker);
    } else if (looks) this.nothing(seeker);
    else this.plain.join(seeker);
  }

  /** Says `NOTHING`, unless the receive was given something before. */
  unseek(member: Member, own: Own): void {
    const seeker = member.seekers.get(own);
    if (seeker !== undefined) this.nothing(seeker);
  }

  /** The receive of a member that the mail it is just sent will satisfy: it is sought for no more. */
  unseekFirst(member: Member): Own | null {
    for (const seeker of member.seekers.values()) {
      if (seeker.choosy) continue;
      this.drop(seeker);
      return seeker.own;
    }
    return null;
  }

  unseekAll(member: Member): void {
    for (const seeker of [...member.seekers.values()]) this.drop(seeker);
  }

  claim(member: Member, own: Own, ref: Ref): void {
    const seeker = member.seekers.get(own);
    const letter = this.byRef.get(ref);
    if (letter === undefined || seeker === undefined) {
      member.post([TO_PEER.DENIED, own, ref]);
      this.declined(member, own, 1);
      return;
    }
    this.drop(seeker);
    this.remove(letter);
    this.hand(letter, member);
    member.post([TO_PEER.GRANTED, own, ref, letter.attempt]);
  }

  declined(member: Member, own: Own, offers: number): void {
    const seeker = member.seekers.get(own);
    if (seeker === undefined) return;
    seeker.pending -= offers;
    this.refill(seeker);
  }

  private give(letter: Letter, { member, own }: Seeker): void {
    this.hand(letter, member);
    member.post([TO_PEER.GIVEN, own, letter.ref, letter.kept!, letter.attempt]);
  }

  private refill(seeker: Seeker): void {
    while (seeker.pending < PORTION && seeker.next !== undefined) {
      const letter = seeker.next;
      seeker.next = letter.after;
      if (letter.from !== seeker.member) this.offer(letter, seeker);
    }
    if (seeker.looks && seeker.pending === 0 && seeker.next === undefined) this.nothing(seeker);
  }

  private offer(letter: Letter, seeker: Seeker): void {
    seeker.pending++;
    seeker.member.post([TO_PEER.OFFER, seeker.own, letter.ref, letter.kept!, letter.attempt]);
  }

  private nothing(seeker: Seeker): void {
    this.drop(seeker);
    seeker.member.post([TO_PEER.NOTHING, seeker.own]);
  }

  private drop(seeker: Seeker): void {
    this.plain.leave(seeker);
    this.choosy.delete(seeker);
    seeker.member.seekers.delete(seeker.own);
  }

  private firstFor(member: Member): Letter | undefined {
    let letter = this.letters.head;
    while (letter?.from === member) letter = letter.after;
    return letter;
  }

  /** At the end, but for what comes back: that was there early, and so belongs near the front. */
  private insert(letter: Letter): void {
    this.byRef.set(letter.ref, letter);
    let before: Letter | undefined;
    if (letter.returned) {
      before = this.letters.head;
      while (before !== undefined && before.ref < letter.ref) before = before.after;
    }
    this.letters.join(letter, before);
  }

  private remove(letter: Letter): void {
    for (const seeker of this.choosy) if (seeker.next === letter) seeker.next = letter.after;
    this.letters.leave(letter);
    this.byRef.delete(letter.ref);
  }
}
