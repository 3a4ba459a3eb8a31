import { asyncDispose } from '../../queues/travel.js';
import type { Incoming, Mail } from './incoming.js';

/** What a loop asks its peer for. */
export interface LoopDesk {
  /** Waits for mail; undefined when none will come. `waits` gets what gives the wait up. */
  wait(waits: (giveUp: () => void) => void): Promise<Mail | undefined>;
  /** The loop gets it. */
  take(mail: Mail): Incoming;
  /** It came for the loop when that had just been left. */
  unseen(mail: Mail): void;
  /** The loop is done with it. */
  next(incoming: Incoming): void;
  /** The loop was left while it had this in hand. */
  left(incoming: Incoming): void;
}

/** Gives messages; asking for the next one says that the one before is processed, unless it is a `DO`. */
export class Loop implements AsyncIterableIterator<Incoming, undefined> {
  private readonly desk: LoopDesk;
  private current: Incoming | undefined;
  private over = false;
  private waiting: Promise<IteratorResult<Incoming, undefined>> | undefined;
  private giveUp: (() => void) | undefined;

  constructor(desk: LoopDesk) {
    this.desk = desk;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Incoming, undefined>> {
    const { waiting } = this;
    if (waiting !== undefined) return waiting.then(() => this.next(), () => this.next());
    const step = this.step().finally(() => {
      this.waiting = undefined;
    });
    return (this.waiting = step);
  }

  async return(): Promise<IteratorResult<Incoming, undefined>> {
    this.over = true;
    this.giveUp?.();
    const { current } = this;
    this.current = undefined;
    if (current !== undefined) this.desk.left(current);
    return { done: true, value: undefined };
  }

  async [asyncDispose](): Promise<void> {
    await this.return();
  }

  private isOver(): boolean {
    return this.over;
  }

  private async step(): Promise<IteratorResult<Incoming, undefined>> {
    const { current } = this;
    this.current = undefined;
    if (current !== undefined) this.desk.next(current);
    if (this.over) return { done: true, value: undefined };
    try {
      const mail = await this.desk.wait((giveUp) => {
        this.giveUp = giveUp;
      });
      this.giveUp = undefined;
      // Read again: it may have been left meanwhile.
      if (mail !== undefined && this.isOver()) this.desk.unseen(mail);
      else if (mail !== undefined) {
        this.current = this.desk.take(mail);
        return { done: false, value: this.current };
      }
    } catch (error) {
      this.over = true;
      throw error;
    }
    this.over = true;
    return { done: true, value: undefined };
  }
}
