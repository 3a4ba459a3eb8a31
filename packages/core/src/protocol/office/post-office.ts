import { ALL, ANYONE, type Own, type Reason, type Ref, TO_OFFICE, TO_PEER, type ToOffice, type ToPeer } from '../frames.js';
import { DO, type Message } from '../message.js';
import { Counter } from './counter.js';
import { Letter } from './letter.js';
import { Member } from './member.js';

/** How many names of peers that have left are remembered, to tell them from names that never were. */
const NAMES_KEPT = 1024;

/** What the office cannot do by itself. */
export interface OfficeHooks {
  /** A peer asks whether nothing is outstanding (and with `waits`, to be told when): see {@link PostOffice.answer}. */
  asked(member: Member, question: Own, waits: boolean): void;
}

/**
 * The state of one conversation and its transitions. Mail that is addressed goes on at once to its peer; mail to nobody
 * waits at the counter. The office knows no promise and no queue: it is told frames and posts frames, and each call is one
 * atomic transition.
 */
export class PostOffice {
  readonly members = new Map<string, Member>();
  /** Mail that arrived and is not processed. */
  outstanding = 0;
  readonly counts = { sent: 0, processed: 0, returned: 0, undelivered: 0 };

  private readonly counter = new Counter((letter, to) => {
    this.hand(letter, to);
  });
  private readonly hooks: OfficeHooks;
  private readonly gone = new Set<string>();
  private readonly credited = new Set<Member>();
  private whenEmpty: (() => void)[] = [];
  private refs = 0;

  constructor(hooks: OfficeHooks) {
    this.hooks = hooks;
  }

  /** Mail to nobody that nobody has taken. */
  get waiting(): number {
    return this.counter.length;
  }

  join(name: string, post: (frame: ToPeer) => void): Member {
    const member = new Member(name, post);
    this.members.set(name, member);
    return member;
  }

  receive(member: Member, frame: ToOffice): void {
    if (member.left) return;
    switch (frame[0]) {
      case TO_OFFICE.OPEN:
        this.open(member, frame[1]);
        return;
      case TO_OFFICE.MAIL:
        this.mail(member, frame[1]);
        return;
      case TO_OFFICE.COPIES:
        this.copies(member, frame[1]);
        return;
      case TO_OFFICE.TAKEN:
        this.credit(member.owed.get(frame[1]));
        return;
      case TO_OFFICE.DONE:
        this.done(member, frame[1]);
        return;
      case TO_OFFICE.ANSWER:
        this.reply(member, frame[1], frame[2]);
        return;
      case TO_OFFICE.RETURN:
        this.takeBack(member, frame[1], frame[2]);
        return;
      case TO_OFFICE.SEEK:
        if (!member.dying) this.counter.seek(member, frame[1], frame[2], frame[3]);
        return;
      case TO_OFFICE.UNSEEK:
        this.counter.unseek(member, frame[1]);
        return;
      case TO_OFFICE.CLAIM:
        this.counter.claim(member, frame[1], frame[2]);
        return;
      case TO_OFFICE.DECLINED:
        this.counter.declined(member, frame[1], frame[2]);
        return;
      case TO_OFFICE.DIE:
        this.die(member, frame[1], frame[2], frame[3]);
        return;
      case TO_OFFICE.JOIN:
      case TO_OFFICE.EMPTY:
        this.hooks.asked(member, frame[1], frame[0] === TO_OFFICE.JOIN);
    }
  }

  /** Tells the peers what their lines have gained: to be called when no more frames are at hand. */
  settleCredits(): void {
    for (const member of this.credited) {
      member.post([TO_PEER.CREDIT, [...member.credits]]);
      member.credits.clear();
    }
    this.credited.clear();
  }

  /** Calls back when nothing is outstanding; at once if nothing is. */
  onEmpty(call: () => void): void {
    if (this.outstanding === 0) call();
    else this.whenEmpty.push(call);
  }

  /** A peer has left, or is lost: what it had not finished goes to others, or its senders are told. */
  leave(member: Member): { unfinished: number } {
    const owed = [...member.owed.values()];
    member.owed.clear();
    member.left = true;
    this.members.delete(member.name);
    this.remember(member.name);
    this.counter.unseekAll(member);
    // First, so that whoever hears what became of its mail knows already that no more can be sent there.
    for (const other of this.members.values()) {
      other.writers.delete(member);
      other.post([TO_PEER.LEFT, member.name]);
    }
    for (const letter of owed) {
      if (letter.recipient === undefined) this.putBack(letter, true);
      else this.undeliver(letter, peerGone(member.name));
    }
    return { unfinished: owed.length };
  }

  /** Nobody is told anything after this. */
  close(): void {
    for (const member of this.members.values()) {
      member.post([TO_PEER.CLOSED]);
      member.left = true;
    }
    this.members.clear();
  }

  // --- sending ----------------------------------------------------------------------------------------------------

  private open(member: Member, name: string): void {
    const target = this.members.get(name);
    const refused = target === undefined ? this.absent(name) : target.dying ? peerGone(name) : undefined;
    if (target === undefined || refused !== undefined) {
      member.post([TO_PEER.REFUSED, name, ...(refused ?? peerGone(name))]);
      return;
    }
    target.writers.add(member);
    member.post([TO_PEER.OPENED, name]);
  }

  private mail(member: Member, message: Message): void {
    const { recipient } = message;
    if (recipient === undefined) {
      this.counter.add(this.newLetter(member, message, ANYONE));
      return;
    }
    const target = this.members.get(recipient);
    const letter = this.newLetter(member, message, recipient);
    // Whoever has not asked it did not mean: it was for an earlier holder of the name, or for one that was told to die.
    if (target?.writers.has(member) !== true) this.undeliver(letter, peerGone(recipient));
    else this.deliver(letter, target, message);
  }

  private copies(member: Member, message: Message): void {
    const targets = [...this.members.values()].filter((target) => target !== member && !target.dying);
    const copies = { left: targets.length };
    if (targets.length === 0) this.gain(member, ALL);
    for (const target of targets) {
      const copy = { ...message, recipient: target.name };
      this.deliver(this.newLetter(member, copy, ALL, copies), target, copy);
    }
  }

  private reply(member: Member, ref: Ref, message: Message): void {
    const letter = member.owed.get(ref);
    if (letter?.request !== DO) return;
    const target = letter.from;
    const answer = { ...message, recipient: target.name, replyTo: letter.id };
    // An answer needs no room: whoever asked has made it.
    const reply = this.newLetter(member, answer, undefined);
    if (target.left) this.undeliver(reply, peerGone(target.name));
    else this.deliver(reply, target, answer);
    this.done(member, ref);
  }

  private die(member: Member, question: Own, message: Message, names: readonly string[] | null): void {
    let reason: Reason | null = null;
    for (const name of names ?? this.members.keys()) {
      const target = this.members.get(name);
      if (target === undefined) reason = this.absent(name);
      if (target === undefined || target === member || target.dying) continue;
      target.dying = true;
      this.counter.unseekAll(target);
      for (const writer of target.writers) writer.post([TO_PEER.REFUSED, name, ...peerGone(name)]);
      target.writers.clear();
      target.post([TO_PEER.DIE, { ...message, recipient: name }]);
    }
    member.post([TO_PEER.ANSWERED, question, true, reason]);
  }

  // --- a letter's life --------------------------------------------------------------------------------------------

  private newLetter(from: Member, message: Message, line: string | undefined, copies?: { left: number }): Letter {
    this.outstanding++;
    this.counts.sent++;
    return new Letter(this.refs++, from, message, line, copies);
  }

  private deliver(letter: Letter, target: Member, message: Message): void {
    target.owed.set(letter.ref, letter);
    target.post([TO_PEER.MAIL, letter.ref, message, this.counter.unseekFirst(target)]);
  }

  /** Mail to nobody has found its peer. */
  private hand(letter: Letter, to: Member): void {
    to.owed.set(letter.ref, letter);
    this.credit(letter);
    // Later mail was given there meanwhile: it comes late, and says so.
    if (letter.returned && letter.ref < to.latest && letter.attempt === 1) letter.attempt = 2;
    to.latest = Math.max(to.latest, letter.ref);
  }

  private done(member: Member, ref: Ref): void {
    const letter = member.owed.get(ref);
    if (letter === undefined) return;
    member.owed.delete(ref);
    this.credit(letter);
    this.counts.processed++;
    this.finish();
  }

  private takeBack(member: Member, ref: Ref, begun: boolean): void {
    const letter = member.owed.get(ref);
    if (letter === undefined) return;
    member.owed.delete(ref);
    if (letter.recipient === undefined) this.putBack(letter, begun);
    else this.undeliver(letter, peerGone(member.name), !member.dying);
  }

  private putBack(letter: Letter, begun: boolean): void {
    if (begun) letter.attempt++;
    letter.returned = true;
    this.counts.returned++;
    this.counter.add(letter);
  }

  /** @param open - its sender's line to the recipient is open still, and not begun anew with another of that name */
  private undeliver(letter: Letter, reason: Reason, open = false): void {
    if (open || letter.copies !== undefined) this.credit(letter);
    this.counts.undelivered++;
    letter.from.post([TO_PEER.UNDELIVERED, letter.id, letter.recipient ?? '', letter.request, ...reason]);
    this.finish();
  }

  private finish(): void {
    if (--this.outstanding > 0) return;
    for (const call of this.whenEmpty.splice(0)) call();
  }

  private credit(letter: Letter | undefined): void {
    if (letter === undefined || letter.credited) return;
    letter.credited = true;
    const { line, copies, from } = letter;
    if (line === undefined || (copies !== undefined && --copies.left > 0)) return;
    this.gain(from, line);
  }

  private gain(member: Member, line: string): void {
    if (member.left) return;
    member.credits.set(line, (member.credits.get(line) ?? 0) + 1);
    this.credited.add(member);
  }

  // --- names ------------------------------------------------------------------------------------------------------

  private absent(name: string): Reason {
    return this.gone.has(name)
      ? peerGone(name)
      : ['PEER_UNKNOWN', `The conversation has had no peer "${name}". Make it before anybody writes to it.`];
  }

  private remember(name: string): void {
    this.gone.delete(name);
    this.gone.add(name);
    if (this.gone.size <= NAMES_KEPT) return;
    const [oldest] = this.gone;
    this.gone.delete(oldest!);
  }
}

function peerGone(name: string): Reason {
  return ['PEER_GONE', `Peer "${name}" has left, or was told to die, before it had finished with the message.`];
}
