import type { DeadLetter, DeadLetterBackend } from '@millrace/core';
import type { Questions } from './messages.js';

type Ask = <Answer>(what: keyof Questions, given?: Questions[keyof Questions]) => Promise<Answer>;

/** A queue's dead letters, which stay with the host. */
export class TabDeadLetters implements DeadLetterBackend {
  private readonly ask: Ask;

  constructor(ask: Ask) {
    this.ask = ask;
  }

  size(): Promise<number> {
    return this.ask('letters');
  }

  read(max: number): Promise<readonly DeadLetter[]> {
    return this.ask('readLetters', max);
  }

  putBack(ids: readonly string[] | 'all'): Promise<number> {
    return this.ask('putBackLetters', ids);
  }

  purge(ids: readonly string[] | 'all'): Promise<number> {
    return this.ask('purgeLetters', ids);
  }
}
