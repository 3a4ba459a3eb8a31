import { CODEC_CLONE, type BlockExtra, TO_ENDPOINT, TO_HOME } from '../ports/messages.js';
import { transferablesOf } from '../values/survey.js';
import { Ring } from '../../transport/memory/ring.js';
import { isDrained } from './endpoints.js';
import { ack, begin, findLatest, hold, takeBackRange } from './hands.js';
import { TO_HOST } from './host-link.js';
import { B, E, HOLDS, HUNGRY, IN_HAND, LAST_SETTLED, LAST_TAKEN, OVERFLOW, slotAt, WAIT, WAITING } from './layout.js';
import { type Incoming, itemsIn, partOf } from './inbox.js';
import { type Part, recallItems, sendPart, shareOf } from './items.js';
import type { SharedLink } from './link.js';
import { ringWatchers } from './room.js';

const BLOCK = 256;

interface Poll {
  readonly request: number;
  readonly more: number;
  /** The latest part that it had been sent. */
  readonly before: number;
  readonly coming: boolean;
}

/** What an endpoint says as one that takes, and what it finds. */
export class ConsumerSide {
  private readonly link: SharedLink;
  /** Items asked for and not sent. */
  private credit = 0;
  /** How many takers wait there, less what was sent to them. */
  private waiting = 0;
  private expected = 0;
  private readonly flying = new Ring<{ readonly id: number; readonly served: number }>();
  private polls: Poll[] = [];
  private recalled = false;
  private told = '';
  /** Of parts whose values were moved here by the host: where each begins in its block, and how many of its items are left. */
  private readonly kept = new Map<number, { readonly key: number; readonly from: number; left: number }>();

  constructor(link: SharedLink, coming: readonly Incoming[]) {
    this.link = link;
    // Nobody has asked for them here.
    this.credit = -itemsIn(coming);
  }

  apply(message: readonly unknown[]): boolean {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    switch (message[0]) {
      case TO_HOME.REPORT:
        this.reported(message);
        return true;
      case TO_HOME.GIVE_BACK: {
        s.set(e + E.ITEM_RECALL, 0);
        this.recalled = false;
        const ranges = message[1] as number[];
        for (let i = 0; i < ranges.length; i += 3) {
          takeBackRange(s, slot, ranges[i]!, ranges[i + 1]!, ranges[i + 2]!);
          s.commit();
          this.leaves(ranges[i]!, ranges[i + 2]! - ranges[i + 1]!);
        }
        findLatest(s, slot);
        ringWatchers(s);
        return true;
      }
      case TO_HOME.POLL: {
        const more = message[2] as number;
        this.credit += more;
        this.polls.push({ request: message[1] as number, more, before: s.get(e + E.PART), coming: s.get(e + E.FETCHED) > 0 });
        return true;
      }
      default:
        return false;
    }
  }

  private reported(message: readonly unknown[]): void {
    const { s, slot } = this.link;
    const [, begun, acked, more, waiting, received, held = [], shown = []] = message as [number, number[], number[], number, number, number, number[]?, number[]?];
    if (begun.length > 0) s.set(LAST_TAKEN, this.link.now() + 1);
    if (acked.length > 0) s.set(LAST_SETTLED, this.link.now() + 1);
    for (let i = 0; i < begun.length; i += 2) {
      begin(s, slot, begun[i]!, begun[i + 1]!, true);
      s.commit();
    }
    for (let i = 0; i < held.length; i += 3) hold(s, slot, held[i]!, held[i + 1]!, held[i + 2]!, true);
    for (let i = 0; i < shown.length; i += 3) hold(s, slot, shown[i]!, shown[i + 1]!, shown[i + 2]!, false);
    s.commit();
    for (let i = 0; i < acked.length; i += 3) {
      ack(s, slot, acked[i]!, acked[i + 1]!, acked[i + 2]!);
      s.commit();
      this.leaves(acked[i]!, acked[i + 2]! - acked[i + 1]!);
    }
    this.credit += more;
    for (let first = this.flying.at(0); first !== undefined && first.id <= received; first = this.flying.at(0)) {
      this.flying.shift();
      this.expected -= first.served;
    }
    this.waiting = Math.max(0, waiting - this.expected);
  }

  collect(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    s.set(e + E.RUNG, 0);
    this.take();
    this.rank();
    if (s.get(e + E.ITEM_RECALL) !== 0 && !this.recalled) {
      this.recalled = true;
      this.link.tell([TO_ENDPOINT.RECALL]);
    }
    this.answerPolls();
    if (isDrained(s)) this.tellDrained();
  }

  /** Its share of what waits, for those who wait here; ahead of need only what nobody waits for. */
  private take(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    const waits = this.waiting > 0 || this.polls.length > 0;
    if (s.get(WAITING) === 0 || this.credit <= 0 || this.link.leaving) return;
    this.rank();
    if (!waits && !this.takesAhead()) return;
    const mine = s.get(e + E.HUNGRY) !== 0;
    let left = mine || !waits ? shareOf(s, waits, this.credit) : Math.min(s.get(WAITING), this.credit);
    while (left > 0 && this.credit > 0 && s.get(e + E.ALONE) === 0) {
      const part = sendPart(s, slot, Math.min(left, this.credit));
      if (part === undefined) return;
      left -= part.count;
      this.sent(part);
      s.commit();
      if (!waits) return;
    }
  }

  private takesAhead(): boolean {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    if (s.get(OVERFLOW) !== WAIT) return false;
    return s.get(e + E.LONE) === 0 && s.get(e + E.ITEM_RECALL) === 0 && s.get(HUNGRY) === 0 && (s.get(e + E.FETCHED) < BLOCK || this.credit >= BLOCK);
  }

  private sent(part: Part): void {
    const { link } = this;
    const { s, slot } = link;
    const { id, block, from, count, attempt, alone, fence } = part;
    this.credit -= count;
    const served = Math.min(this.waiting, count);
    this.waiting -= served;
    this.expected += served;
    this.flying.push({ id, served });
    const attempts = attempt === 1 ? undefined : Array.from({ length: count }, (_, i) => [i, attempt] as const);
    const all: BlockExtra = { ...(attempts && { attempts }), alone, fence };
    const head = [TO_ENDPOINT.ITEMS, CODEC_CLONE, count, part.epoch, id] as const;
    const bytes = s.get(block + B.BYTES);
    if (bytes === 0) link.tellLater([...head, all], s.get(block + B.KEY), from, from + count);
    else link.tellItems([...head, all], { at: s.get(block + B.AT) * 4, bytes, from, to: from + count });
    // What was sent on a lossy queue is in use: it could not be dropped there.
    if (s.get(OVERFLOW) !== WAIT) begin(s, slot, id, count, false);
  }

  /** Keeps what others have to know of it. */
  private rank(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    const appetite = this.waiting > 0 && s.get(e + E.ALONE) === 0 ? Math.max(0, this.credit) : 0;
    const was = s.get(e + E.HUNGRY);
    if (appetite !== was) {
      s.add(HUNGRY, Math.sign(appetite) - Math.sign(was));
      s.set(e + E.HUNGRY, appetite);
    }
    if (s.get(e + E.EXPECTED) !== this.expected) s.set(e + E.EXPECTED, this.expected);
  }

  /** An item now, or not at all: the answer is no only when nobody is left to be asked. */
  private answerPolls(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    const left: Poll[] = [];
    for (const poll of this.polls) {
      const found = poll.coming || s.get(e + E.PART) !== poll.before;
      if (!found && recallItems(s, true)) {
        left.push(poll);
        continue;
      }
      if (!found) this.credit -= poll.more;
      this.link.tell([TO_ENDPOINT.POLLED, poll.request, found]);
    }
    this.polls = left;
    s.set(e + E.WATCHES, left.length > 0 ? s.get(e + E.WATCHES) | 2 : s.get(e + E.WATCHES) & ~2);
  }

  /** The queue is drained: it is told so, once for each state of affairs. */
  private tellDrained(): void {
    const { s, slot } = this.link;
    const e = slotAt(slot);
    const changes = s.get(e + E.NACKS) + s.counted(e + E.ARRIVED);
    // What the host has to tell may bring a dead letter back.
    const alone = s.get(HOLDS) === 0 && s.get(IN_HAND) === s.get(e + E.IN_HAND);
    const told = `${String(changes)} ${String(alone)} ${String(s.get(e + E.PART))}`;
    if (told === this.told) return;
    this.told = told;
    this.link.tell([TO_ENDPOINT.DRAINED, changes, alone]);
  }

  /** The endpoint is told of it now. */
  gets(incoming: Incoming): void {
    const { kept, came } = incoming;
    if (kept !== undefined && (came?.extra?.moved ?? []).length > 0) this.kept.set(partOf(incoming), { ...kept, left: itemsIn([incoming]) });
  }

  /** So many items of a part are not here any more. */
  leaves(part: number, items: number): void {
    const kept = this.kept.get(part);
    if (kept !== undefined && (kept.left -= items) <= 0) this.kept.delete(part);
  }

  /** A value that was moved here goes back to where it can be moved on. */
  returnValue(part: number, index: number, value: unknown): void {
    const kept = this.kept.get(part);
    if (kept !== undefined) this.link.tellHost([TO_HOST.RETURN, kept.key, kept.from + index, value], transferablesOf(value));
  }
}
