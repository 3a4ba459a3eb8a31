import { nextTurn } from './next-turn.js';

/** Messages, all of which that are under way arrive at once, time and again. */
export class Rounds {
  /** How many were sent. */
  messages = 0;
  private waiting: (() => void)[] = [];

  readonly schedule = (_lane: object, deliver: () => void): void => {
    this.messages++;
    this.waiting.push(deliver);
  };

  /** What lets those arrive that are under way now. */
  takeAll(): (() => void)[] {
    return this.waiting.splice(0);
  }

  /** Lets all messages arrive until there are none any more. */
  async run(): Promise<void> {
    await nextTurn();
    for (let rounds = 0; this.waiting.length > 0; rounds++) {
      if (rounds === 1000) throw new Error('It never comes to rest.');
      for (const deliver of this.takeAll()) deliver();
      await nextTurn();
    }
  }
}
