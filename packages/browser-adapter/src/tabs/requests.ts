import type { MillraceError } from '@millrace/core';

interface Open {
  /** Answers whether there is a host to hear it. */
  readonly send: () => boolean;
  sent: boolean;
  readonly lost: MillraceError | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What a tab has asked its host, and was not answered yet. */
export class Requests {
  private readonly open = new Map<number, Open>();
  private last = 0;

  /**
   * @param send - sends the question, by its number, if there is a host
   * @param lost - what it fails with if the host that was asked is gone before it answers; absent: the next one is asked
   */
  ask<Answer>(send: (request: number) => boolean, lost?: MillraceError): Promise<Answer> {
    const request = ++this.last;
    return new Promise<Answer>((resolve, reject) => {
      const open = { resolve, reject, lost, sent: false, send: () => send(request) };
      this.open.set(request, open);
      open.sent = open.send();
    });
  }

  /** Another is to answer. */
  askAgain(): void {
    for (const [request, open] of [...this.open])
      if (open.sent && open.lost !== undefined) this.fail(request, open.lost);
      else open.sent = open.send();
  }

  answer(request: number, answer: unknown): void {
    this.take(request)?.resolve(answer as never);
  }

  fail(request: number, error: unknown): void {
    this.take(request)?.reject(error);
  }

  failAll(error: unknown): void {
    for (const request of [...this.open.keys()]) this.fail(request, error);
  }

  private take(request: number): Open | undefined {
    const open = this.open.get(request);
    this.open.delete(request);
    return open;
  }
}
