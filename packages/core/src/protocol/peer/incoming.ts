import { MillraceError } from '../../errors/error.js';
import type { Ref } from '../frames.js';
import { DO, type Failure, type Message } from '../message.js';
import type { ReceivedDo } from '../types.js';

/** Mail that has come to a peer. */
export interface Mail {
  readonly ref: Ref;
  readonly message: Message;
  readonly attempt: number;
  /** It could not be read: whoever receives it gets this error instead. */
  readonly bad?: MillraceError | undefined;
}

/** What a received message can have done about itself. */
export interface Desk {
  processed(incoming: Incoming): void;
  answer(incoming: Incoming, request: 'FINISHED' | 'FAILED', data: unknown): Promise<void>;
}

/** A message in a receiver's hands. */
export class Incoming implements Omit<ReceivedDo, 'request'> {
  readonly id: string;
  readonly request: string;
  readonly sender: string;
  readonly recipient: string | undefined;
  readonly replyTo: string | undefined;
  readonly data: unknown;
  readonly attempt: number;
  /** @internal */
  readonly ref: Ref;
  /** @internal Processed, answered or given back. */
  settled = false;
  readonly #desk: Desk;

  constructor(desk: Desk, { ref, message, attempt }: Mail) {
    this.#desk = desk;
    this.ref = ref;
    this.attempt = attempt;
    this.id = message.id;
    this.request = message.request;
    this.sender = message.sender;
    this.recipient = message.recipient;
    this.replyTo = message.replyTo;
    this.data = message.data;
  }

  get redelivered(): boolean {
    return this.attempt > 1;
  }

  done(): void {
    if (this.request === DO) throw this.notOpen('it is a DO: answer it by finish or fail');
    if (!this.settled) this.#desk.processed(this);
  }

  async finish(data?: unknown): Promise<void> {
    this.checkOpen();
    await this.#desk.answer(this, 'FINISHED', data);
  }

  async fail(error: unknown): Promise<void> {
    this.checkOpen();
    await this.#desk.answer(this, 'FAILED', failureOf(error));
  }

  /** @internal */
  checkOpen(): void {
    if (this.request !== DO) throw this.notOpen('it is no DO');
    if (this.settled) throw this.notOpen('it was answered, or given back, before');
  }

  private notOpen(why: string): MillraceError {
    return new MillraceError('MESSAGE_NOT_OPEN', `Message ${this.id} ("${this.request}" from "${this.sender}") cannot be answered so: ${why}.`, {
      id: this.id,
      request: this.request,
    });
  }
}

/** What travels of an error. Whatever was thrown, the other side gets a name and a message. */
export function failureOf(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { name: 'Error', message: String(error) };
  const { name, message, code, stack } = error as { [Field in keyof Failure]?: unknown };
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : 'The DO failed.',
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
}

/** The error that a failure tells of. */
export function errorOf(data: unknown): Error {
  const { name, message, code, stack } = (typeof data === 'object' && data !== null ? data : {}) as { [Field in keyof Failure]?: unknown };
  const error = new Error(typeof message === 'string' ? message : 'The DO failed.');
  if (typeof name === 'string') hide(error, 'name', name);
  if (typeof stack === 'string') hide(error, 'stack', stack);
  return typeof code === 'string' ? Object.assign(error, { code }) : error;
}

function hide(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}
