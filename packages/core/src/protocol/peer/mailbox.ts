import type { MillraceError } from '../../errors/error.js';
import { type Own, type Ref, TO_OFFICE, type ToOffice } from '../frames.js';
import type { Message } from '../message.js';
import type { Mail } from './incoming.js';

/** Why no more will be received. */
export interface End {
  readonly error: MillraceError;
  /** A loop just ends; otherwise it fails with the error. */
  readonly quiet: boolean;
  /** What lies here can still be received; otherwise it goes back. */
  readonly keeps: boolean;
}

/** A receive: what waits for a message. Exactly one of its three methods is called, once. */
export interface Receive {
  readonly where: ((message: Message) => boolean) | undefined;
  /** It does not wait: its end is `undefined` when there is nothing now. */
  readonly looks: boolean;
  give(mail: Mail): void;
  fail(error: unknown): void;
  end(end: End | undefined): void;
}

/** A receive that waits. */
class Waiting {
  readonly own: Own;
  readonly receive: Receive;
  /** The office looks for mail to nobody for it. */
  sought = false;
  /** The office will say when it looks no more: it was asked to stop, or the receive does not wait. */
  asked = false;
  /** What its predicate accepted, while the office is asked whether it is still to be had. */
  claimed: Mail | undefined;
  /** Copies that its predicate has not judged. */
  offers: Mail[] = [];

  constructor(own: Own, receive: Receive) {
    this.own = own;
    this.receive = receive;
  }
}

/**
 * Brings receives and mail together. Addressed mail lies here until a receive takes it, and comes first; mail to nobody
 * stays at the office, which is asked for it only while a receive waits.
 */
export class Mailbox {
  private readonly mail = new Map<Ref, Mail>();
  private readonly waiting = new Map<Own, Waiting>();
  private readonly post: (frame: ToOffice) => void;
  private ended: End | undefined;
  private owns: Own;

  constructor(post: (frame: ToOffice) => void, state: { readonly mail: readonly Mail[]; readonly owns: Own }) {
    this.post = post;
    this.owns = state.owns;
    for (const mail of state.mail) this.mail.set(mail.ref, mail);
  }

  get idle(): boolean {
    return this.waiting.size === 0;
  }

  get state(): { mail: readonly Mail[]; owns: Own } {
    return { mail: [...this.mail.values()], owns: this.owns };
  }

  /** Gives the receive what it accepts, now or later. Returns what gives it up, which does nothing any more once it was given. */
  ask(receive: Receive): () => void {
    const give = this.find(receive);
    if (give !== undefined) {
      give();
      return () => undefined;
    }
    if (this.ended !== undefined) {
      receive.end(this.ended);
      return () => undefined;
    }
    const waiting = new Waiting(++this.owns, receive);
    this.waiting.set(waiting.own, waiting);
    this.seek(waiting);
    return () => {
      this.remove(waiting);
    };
  }

  /** Mail that is addressed to this peer. `unsought` is the receive that the office no longer looks for, since it gets this. */
  arrived(mail: Mail, unsought: Own | null): void {
    const spared = this.spared(unsought);
    if (this.ended?.keeps === false) {
      this.post([TO_OFFICE.RETURN, mail.ref, false]);
      return;
    }
    this.mail.set(mail.ref, mail);
    this.distribute(mail);
    // Another receive has it.
    if (spared !== undefined && this.waiting.has(spared.own)) this.resume(spared);
  }

  /** The mail that the office took for this receive's was for none. */
  unsought(own: Own | null): void {
    const spared = this.spared(own);
    if (spared !== undefined) this.resume(spared);
  }

  /** Addressed mail that was given out comes back unseen, to the front. */
  restore(mail: Mail): void {
    const rest = [...this.mail];
    this.mail.clear();
    this.arrived(mail, null);
    for (const [ref, other] of rest) this.mail.set(ref, other);
  }

  given(own: Own, mail: Mail): void {
    const waiting = this.waiting.get(own);
    if (waiting === undefined) {
      // It was given up meanwhile, and nobody has seen this.
      this.post([TO_OFFICE.RETURN, mail.ref, false]);
      return;
    }
    waiting.sought = false;
    this.remove(waiting);
    waiting.receive.give(mail);
  }

  /** The office looks no more for this receive, and has found nothing for it. */
  nothing(own: Own): void {
    const spared = this.spared(own);
    if (spared !== undefined) this.resume(spared);
  }

  offered(own: Own, mail: Mail): void {
    const waiting = this.waiting.get(own);
    if (waiting === undefined) return;
    waiting.offers.push(mail);
    this.judge(waiting);
  }

  granted(own: Own, ref: Ref, attempt: number): void {
    const waiting = this.waiting.get(own);
    const mail = waiting?.claimed;
    if (waiting === undefined || mail?.ref !== ref) {
      this.post([TO_OFFICE.RETURN, ref, false]);
      return;
    }
    waiting.sought = false;
    this.remove(waiting);
    waiting.receive.give({ ...mail, attempt });
  }

  denied(own: Own): void {
    const waiting = this.waiting.get(own);
    if (waiting === undefined) return;
    waiting.claimed = undefined;
    // What came here while it was asked.
    const give = this.find(waiting.receive);
    if (give === undefined) this.judge(waiting);
    else {
      this.remove(waiting);
      give();
    }
  }

  /** No more will come. The first reason stays, unless what it left to receive is given up now. */
  end(end: End): void {
    if (this.ended === undefined || (this.ended.keeps && !end.keeps)) this.ended = end;
    if (!end.keeps) {
      for (const ref of this.mail.keys()) this.post([TO_OFFICE.RETURN, ref, false]);
      this.mail.clear();
    }
    for (const waiting of [...this.waiting.values()]) {
      this.remove(waiting);
      waiting.receive.end(this.ended);
    }
  }

  /**
   * Finds a receive for mail that has just come. One with a predicate can have it at once, since the office gives such
   * nothing that it does not claim. Any other may be about to be given something: the office is asked to look no more for it.
   */
  private distribute(mail: Mail): void {
    for (const waiting of [...this.waiting.values()]) {
      // Its predicate, or another's, may have done anything.
      if (!this.waiting.has(waiting.own) || !this.mail.has(mail.ref) || waiting.claimed !== undefined) continue;
      if (waiting.receive.where !== undefined) {
        if (!this.accepts(waiting, mail)) continue;
        this.mail.delete(mail.ref);
        this.remove(waiting);
        waiting.receive.give(mail);
      } else if (!waiting.sought) {
        // What came earlier comes first.
        const give = this.find(waiting.receive);
        this.remove(waiting);
        give?.();
        if (this.mail.has(mail.ref)) this.rouse();
      } else if (!waiting.asked) this.unseek(waiting);
      else continue;
      return;
    }
  }

  /** A receive that is not looked for gets what is here, or nothing if it only looks, or is looked for again. */
  private resume(waiting: Waiting): void {
    const give = this.find(waiting.receive);
    if (give === undefined && !waiting.receive.looks) {
      this.seek(waiting);
      return;
    }
    this.remove(waiting);
    if (give === undefined) waiting.receive.end(undefined);
    else give();
  }

  /** Mail here was meant for a receive that has got something else. */
  private rouse(): void {
    for (const waiting of [...this.waiting.values()]) {
      if (waiting.claimed !== undefined || waiting.asked) continue;
      if (waiting.receive.where === undefined) {
        this.unseek(waiting);
        return;
      }
      const give = this.find(waiting.receive);
      if (give === undefined) continue;
      this.remove(waiting);
      give();
      return;
    }
  }

  /** Takes out the first mail here that the receive accepts: what hands it over, or the error that its predicate threw. */
  private find(receive: Receive): (() => void) | undefined {
    for (const mail of this.mail.values()) {
      try {
        if (mail.bad === undefined && receive.where !== undefined && !receive.where(mail.message)) continue;
      } catch (error) {
        return () => {
          receive.fail(error);
        };
      }
      this.mail.delete(mail.ref);
      return () => {
        receive.give(mail);
      };
    }
    return undefined;
  }

  private accepts(waiting: Waiting, mail: Mail): boolean {
    const { receive } = waiting;
    try {
      return mail.bad !== undefined || receive.where === undefined || receive.where(mail.message);
    } catch (error) {
      this.remove(waiting);
      receive.fail(error);
      return false;
    }
  }

  private judge(waiting: Waiting): void {
    if (waiting.claimed !== undefined) return;
    let declined = 0;
    while (waiting.claimed === undefined && this.waiting.has(waiting.own)) {
      const mail = waiting.offers.shift();
      if (mail === undefined) break;
      if (!this.accepts(waiting, mail)) declined++;
      else waiting.claimed = mail;
    }
    if (!this.waiting.has(waiting.own)) return;
    if (declined > 0) this.post([TO_OFFICE.DECLINED, waiting.own, declined]);
    if (waiting.claimed !== undefined) this.post([TO_OFFICE.CLAIM, waiting.own, waiting.claimed.ref]);
  }

  private seek(waiting: Waiting): void {
    const { where, looks } = waiting.receive;
    waiting.sought = true;
    waiting.asked = looks;
    this.post([TO_OFFICE.SEEK, waiting.own, where !== undefined, looks]);
  }

  private unseek(waiting: Waiting): void {
    waiting.asked = true;
    this.post([TO_OFFICE.UNSEEK, waiting.own]);
  }

  /** The office looks no more for this receive. */
  private spared(own: Own | null): Waiting | undefined {
    const waiting = own === null ? undefined : this.waiting.get(own);
    if (waiting !== undefined) waiting.sought = waiting.asked = false;
    return waiting;
  }

  private remove(waiting: Waiting): void {
    const { own, sought, asked, receive } = waiting;
    if (!this.waiting.delete(own)) return;
    if (sought && !asked) this.post([TO_OFFICE.UNSEEK, own]);
    waiting.sought = false;
    if (asked && !receive.looks && this.mail.size > 0) this.rouse();
  }
}
