import type { MillraceError } from '@millrace/core';
import type { Session } from '../session/session.js';
import type { Frame, Message } from '../session/wire.js';

interface Open {
  readonly resolve: (message: Message, frame: Frame) => void;
  readonly reject: (error: unknown) => void;
}

/** What a session asks of its queue, and is answered in its own time. */
export class Requests {
  private readonly session: Session;
  private readonly open = new Map<number, Open>();
  private last = 0;
  private over: MillraceError | undefined;

  constructor(session: Session) {
    this.session = session;
  }

  ask<Answer>(kind: number, ...fields: readonly unknown[]): Promise<Answer> {
    return this.askFor(kind, fields, (message) => message[3] as Answer);
  }

  /** Where bytes come with the answer. */
  askFor<Answer>(kind: number, fields: readonly unknown[], read: (message: Message, frame: Frame) => Answer): Promise<Answer> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const request = ++this.last;
    return new Promise<Answer>((resolve, reject) => {
      this.open.set(request, {
        resolve: (message, frame) => {
          resolve(read(message, frame));
        },
        reject,
      });
      this.session.post(() => ['', kind, request, ...fields]);
    });
  }

  answer(request: number, message: Message, frame: Frame): void {
    const open = this.open.get(request);
    this.open.delete(request);
    open?.resolve(message, frame);
  }

  failAll(error: MillraceError): void {
    this.over = error;
    this.failOpen(error);
  }

  /** Fails what has been asked; others may be. */
  failOpen(error: MillraceError): void {
    const all = [...this.open.values()];
    this.open.clear();
    for (const { reject } of all) reject(error);
  }
}
