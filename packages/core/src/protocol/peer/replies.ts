import type { MillraceError } from '../../errors/error.js';
import { FINISHED, type Message } from '../message.js';
import { errorOf } from './incoming.js';

interface Asked {
  resolve(data: unknown): void;
  reject(error: unknown): void;
}

/** The requests of a peer that wait for their answers. */
export class Replies {
  private readonly open = new Map<string, Asked>();
  /** Their answers are thrown away when they come. */
  private readonly givenUp: Set<string>;

  constructor(givenUp: readonly string[]) {
    this.givenUp = new Set(givenUp);
  }

  get idle(): boolean {
    return this.open.size === 0;
  }

  get state(): string[] {
    return [...this.givenUp];
  }

  expect(id: string): Promise<unknown> {
    const reply = new Promise<unknown>((resolve, reject) => {
      this.open.set(id, { resolve, reject });
    });
    // Whoever asked hears of it by what he awaits first.
    reply.catch(() => undefined);
    return reply;
  }

  /** It was not sent: no answer will come. */
  forget(id: string): void {
    this.open.delete(id);
  }

  giveUp(id: string, error: MillraceError): void {
    const asked = this.open.get(id);
    if (asked === undefined) return;
    this.open.delete(id);
    this.givenUp.add(id);
    asked.reject(error);
  }

  /** Whether the message answers a request, and so is for nobody else. */
  answered(message: Message): boolean {
    const { replyTo, request, data } = message;
    if (replyTo === undefined) return false;
    const asked = this.open.get(replyTo);
    if (asked === undefined) return this.givenUp.delete(replyTo);
    this.open.delete(replyTo);
    if (request === FINISHED) asked.resolve(data);
    else asked.reject(errorOf(data));
    return true;
  }

  /** Whether it was a request that will have no answer. */
  failed(id: string, error: MillraceError): boolean {
    const asked = this.open.get(id);
    if (asked === undefined) return this.givenUp.delete(id);
    this.open.delete(id);
    asked.reject(error);
    return true;
  }

  failAll(error: MillraceError): void {
    for (const asked of this.open.values()) asked.reject(error);
    this.open.clear();
  }
}
