import type { MillraceError, QueueHealth } from '@millrace/core';
import type { Questions } from './messages.js';
import type { Session } from './session.js';

/** What does something each time it is asked for. */
const ONCE: ReadonlySet<keyof Questions> = new Set([
  'clear',
  'setNotReady',
  'putBackLetters',
  'purgeLetters',
]);

/** What a tab asks the host of one queue. */
export class TabQuestions {
  private readonly session: Session;
  private readonly number: number;
  private readonly queue: string;
  /** What fails those that are open. */
  private readonly open = new Set<(error: MillraceError) => void>();
  private over: MillraceError | undefined;
  private lastHealth: { readonly health: QueueHealth; readonly at: number } | undefined;

  constructor(session: Session, number: number, queue: string) {
    this.session = session;
    this.number = number;
    this.queue = queue;
  }

  async ask<Answer>(what: keyof Questions, given?: Questions[keyof Questions]): Promise<Answer> {
    if (this.over !== undefined) throw this.over;
    const { session, number: queue } = this;
    let failed!: (error: MillraceError) => void;
    const failure = new Promise<never>((_, reject) => {
      failed = reject;
    });
    this.open.add(failed);
    try {
      const answer = session.ask<Answer>(
        (request) => ({ kind: 'ask', queue, request, what, with: given }),
        !ONCE.has(what),
      );
      return await Promise.race([answer, failure]);
    } finally {
      this.open.delete(failed);
    }
  }

  /** What the host said last; it is asked again, for the next time. */
  health(): QueueHealth {
    this.ask<QueueHealth>('health').then(
      (health) => {
        this.lastHealth = { health, at: this.session.runtime.now() };
      },
      () => undefined,
    );
    if (this.lastHealth === undefined)
      return {
        queue: this.queue,
        depth: 0,
        inHand: 0,
        lastTaken: undefined,
        lastSettled: undefined,
      };
    const { health, at } = this.lastHealth;
    const since = this.session.runtime.now() - at;
    const older = (ago: number | undefined): number | undefined =>
      ago === undefined ? undefined : ago + since;
    return {
      ...health,
      lastTaken: older(health.lastTaken),
      lastSettled: older(health.lastSettled),
    };
  }

  failAll(error: MillraceError): void {
    this.over = error;
    for (const fail of this.open) fail(error);
    this.open.clear();
  }
}
