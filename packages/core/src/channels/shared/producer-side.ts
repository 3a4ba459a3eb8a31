import type { PutAnswer } from '../../transport/backend.js';
import { TO_ENDPOINT, TO_HOME } from '../ports/messages.js';
import { E, EPOCH, FLAGS, NEXT_PLACE, OVERFLOW, REFUSED, REFUSING, slotAt, SYNC, WAIT } from './layout.js';
import { dropOutdated } from './hands.js';
import { type Body, passBy, putByRule, store } from './items.js';
import type { SharedLink } from './link.js';
import { accepts, pickUp, recallRoom, ringWatchers, roomOf, reserve, topUp, use, wantRoom } from './room.js';
import { HOST } from './words.js';

/** What an endpoint says as one that puts, which a consumer's deliveries do as well, and what it finds. */
export class ProducerSide {
  /** The latest point in time that it was told of. */
  syncSeen: number;
  private readonly link: SharedLink;
  /** Questions for room that wait until others have returned theirs. */
  private readonly tries: number[] = [];
  private recalled = false;
  private unsticking = false;

  constructor(link: SharedLink, sync: number) {
    this.link = link;
    this.syncSeen = sync;
  }

  /** A block for which there was room. Throws `NoMemory`. */
  store(message: readonly unknown[], body: Body): void {
    const { s, slot } = this.link;
    const [, count, epoch, sequence] = message as [number, number, number, number];
    if (epoch === s.get(EPOCH)) store(s, body, count);
    else {
      passBy(s, count);
      this.link.forget(body);
    }
    use(s, slot, count);
    this.saw(sequence, count);
    topUp(s, slot);
  }

  apply(message: readonly unknown[]): void {
    const { link } = this;
    const { s, slot } = link;
    const e = slotAt(slot);
    switch (message[0]) {
      case TO_HOME.ASK: {
        const [, request, count, epoch, sequence, bodies, answers] = message as [number, number, number, number, number, Body[], PutAnswer[]];
        // Each is a step of its own: where memory is short, it goes on behind the last one.
        for (const body of bodies.slice(answers.length)) {
          const current = epoch === s.get(EPOCH) || !accepts(s);
          const answer = current ? putByRule(s, body) : 'accepted';
          if (!current) passBy(s, 1);
          if (!current || answer !== 'accepted') link.forget(body);
          if (s.get(OVERFLOW) === WAIT) use(s, slot, 1);
          s.commit();
          answers.push(answer);
        }
        if (accepts(s)) this.saw(sequence, count);
        else s.count(e + E.ARRIVED, count);
        link.tell([TO_ENDPOINT.ANSWERS, request, answers]);
        return;
      }
      case TO_HOME.WANT:
        wantRoom(s, slot, s.get(e + E.PUTS) + (message[1] as number), link.now());
        this.unsticking = false;
        return;
      case TO_HOME.RETURN:
        use(s, slot, message[1] as number);
        s.set(e + E.ROOM_RECALL, 0);
        this.recalled = false;
        ringWatchers(s);
        return;
      case TO_HOME.FLUSH:
        link.tell([TO_ENDPOINT.FLUSHED, message[1]]);
        return;
      case TO_HOME.TRY:
        this.tries.push(message[1] as number);
        return;
      case TO_HOME.REFUSED:
        s.count(REFUSED, message[1] as number);
        return;
      case TO_HOME.SYNCED:
        dropOutdated(s, slot);
        s.set(e + E.SYNCED, message[1] as number);
        s.set(e + E.SYNCED_END, s.get(e + E.STORED_END));
        s.ring(HOST);
    }
  }

  private saw(sequence: number, count: number): void {
    const { s, slot } = this.link;
    s.count(slotAt(slot) + E.ARRIVED, count);
    s.setCount(slotAt(slot) + E.SEEN, sequence + count);
    s.set(slotAt(slot) + E.STORED_END, s.get(NEXT_PLACE));
  }

  collect(): void {
    const { link } = this;
    const { s, slot } = link;
    const e = slotAt(slot);
    const sync = s.get(SYNC);
    if (sync !== this.syncSeen) {
      this.syncSeen = sync;
      link.tell([TO_ENDPOINT.SYNC, sync, s.get(EPOCH), (s.get(FLAGS) & REFUSING) !== 0]);
    }
    const { items, answered } = pickUp(s, slot, link.now());
    if (items > 0) link.tell([TO_ENDPOINT.CREDIT, items, answered]);
    if (s.get(e + E.ROOM_RECALL) !== 0 && !this.recalled) {
      this.recalled = true;
      link.tell([TO_ENDPOINT.RECALL]);
    }
    if (s.get(e + E.UNSTICKING) !== 0 && !this.unsticking) {
      this.unsticking = true;
      link.tell([TO_ENDPOINT.STUCK]);
    }
    this.answerTries();
  }

  /** Room for one item, now or not at all: the answer is no only when nobody is left to be asked. */
  private answerTries(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    while (this.tries.length > 0) {
      const granted = accepts(s) && roomOf(s) > 0;
      if (!granted && accepts(s) && recallRoom(s)) {
        s.set(e + E.WATCHES, s.get(e + E.WATCHES) | 1);
        return;
      }
      if (granted) reserve(s, slot, 1);
      this.link.tell([TO_ENDPOINT.TRIED, this.tries.shift(), granted]);
    }
    s.set(e + E.WATCHES, s.get(e + E.WATCHES) & ~1);
  }
}
