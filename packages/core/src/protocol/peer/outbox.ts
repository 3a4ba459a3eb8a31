import type { MessageContract } from '../../contracts/message-contract.js';
import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { aborted, watch, type WaitOptions } from '../../queues/waits.js';
import { ALL, ANYONE, TO_OFFICE } from '../frames.js';
import { DIE, DO, type Message, parseMessage, PROTOCOL_VERSION } from '../message.js';
import { Lines } from './lines.js';
import type { PeerParts } from './parts.js';
import type { Questions } from './questions.js';
import { Replies } from './replies.js';
import type { Wire } from './wire.js';

/** What a send is given, once the types have been left behind. */
export interface Sending extends WaitOptions {
  readonly to?: string | readonly string[] | undefined;
  readonly data?: unknown;
}

/** What a peer sends. */
export class Outbox {
  readonly lines: Lines;
  readonly replies: Replies;
  private readonly wire: Wire;
  private readonly questions: Questions;
  private readonly runtime: Runtime;
  private readonly name: string;
  private readonly number: number;
  private readonly contract: () => MessageContract | undefined;
  private ids: number;

  constructor(parts: PeerParts, wire: Wire, questions: Questions, runtime: Runtime, contract: () => MessageContract | undefined) {
    this.contract = contract;
    this.wire = wire;
    this.questions = questions;
    this.runtime = runtime;
    this.name = parts.name;
    this.number = parts.number;
    this.ids = parts.ids;
    this.lines = new Lines(wire, runtime, parts.capacity, parts.lines);
    this.replies = new Replies(parts.givenUp);
  }

  get idle(): boolean {
    return this.lines.idle && this.replies.idle;
  }

  get state(): Pick<PeerParts, 'ids' | 'lines' | 'givenUp'> {
    return { ids: this.ids, lines: this.lines.state, givenUp: this.replies.state };
  }

  /** The wire form of what is sent: judged here, so that what is wrong with it is its sender's error. */
  message(request: string, data: unknown): Message {
    const id = `${String(this.number)}.${String(++this.ids)}`;
    return parseMessage({ v: PROTOCOL_VERSION, id, request, sender: this.name, data });
  }

  async send(request: string, { data, ...options }: Sending): Promise<string> {
    const contract = this.contract();
    if (contract === undefined || request === DIE) return this.sendNow(request, data, options);
    contract.check(this.name);
    return contract.sending(request, data, this.name, (checked) => this.sendNow(request, checked, options));
  }

  private async sendNow(request: string, data: unknown, { to, ...wait }: Omit<Sending, 'data'>): Promise<string> {
    if (this.wire.gone !== undefined) throw this.wire.gone;
    const names = to === undefined || to === ALL ? to : this.checkNames(to);
    const message = this.message(request, data);
    if (request === DIE) {
      if (names === undefined) throw badOption('to', names, `who is to die: a name, names or "${ALL}"`);
      const who = names === ALL ? null : names;
      await this.questions.ask('The send', wait, (question) => [TO_OFFICE.DIE, question, message, who]);
    } else if (names === undefined) await this.lines.send(ANYONE, [TO_OFFICE.MAIL, message], wait);
    else if (names === ALL) await this.lines.send(ALL, [TO_OFFICE.COPIES, message], wait);
    else await this.sendToEach(names, message, wait);
    return message.id;
  }

  async request(data: unknown, options: Omit<Sending, 'data'>): Promise<unknown> {
    const contract = this.contract();
    if (contract === undefined) return this.requestNow(data, options);
    contract.check(this.name);
    // What is awaited in turn is that it is sent, and not its answer.
    const { answer } = await contract.sending(DO, data, this.name, (checked) => ({ answer: this.requestNow(checked, options) }));
    return answer;
  }

  private async requestNow(data: unknown, { to, ...wait }: Omit<Sending, 'data'>): Promise<unknown> {
    if (this.wire.gone !== undefined) throw this.wire.gone;
    const [name, another] = to === undefined ? [] : this.checkNames(to);
    if (another !== undefined) throw badOption('to', to, 'the name of one peer, since one answer is awaited');
    const message = this.message(DO, data);
    const sent = name === undefined ? message : { ...message, recipient: name };
    const reply = this.replies.expect(message.id);
    const began = this.runtime.now();
    try {
      await this.lines.send(name ?? ANYONE, [TO_OFFICE.MAIL, sent], wait);
    } catch (error) {
      this.replies.forget(message.id);
      throw error;
    }
    const unwatch = this.watchReply(message.id, wait, this.runtime.now() - began);
    return reply.finally(unwatch);
  }

  /** All get their copies, whatever becomes of the others'. */
  private async sendToEach(names: readonly string[], message: Message, wait: WaitOptions): Promise<void> {
    const sends = names.map((recipient) => this.lines.send(recipient, [TO_OFFICE.MAIL, { ...message, recipient }], wait));
    if (sends.length === 1) return sends[0];
    const outcomes = await Promise.allSettled(sends);
    const sent = names.filter((_, i) => outcomes[i]?.status === 'fulfilled');
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      const error: unknown = outcome.reason;
      if (!(error instanceof MillraceError) || sent.length === 0) throw error;
      throw new MillraceError(
        error.code,
        `${error.message} Of the message's other copies, ${String(sent.length)} were sent.`,
        { ...error.details, sent },
        error.cause,
      );
    }
  }

  private watchReply(id: string, { signal, timeout }: WaitOptions, elapsed: number): () => void {
    const giveUp = (given: MillraceError): void => {
      const late = given.code === 'TIMED_OUT';
      this.replies.giveUp(
        id,
        new MillraceError(
          given.code,
          `The request ${late ? `took longer than its time-out of ${String(timeout)} ms` : 'was aborted'}; it was sent, and may be worked on. Its answer will be thrown away.`,
          { id, sent: true, ...(late ? { timeout } : {}) },
          given.cause,
        ),
      );
    };
    if (signal?.aborted !== true) {
      const left = timeout === undefined ? undefined : Math.max(0, timeout - elapsed);
      return watch(this.runtime, 'The request', { signal, timeout: left }, giveUp);
    }
    // It fired while the message was being sent.
    giveUp(aborted('The request', signal));
    return () => undefined;
  }

  private checkNames(to: string | readonly string[]): readonly string[] {
    const given: unknown = to;
    if (typeof given !== 'string' && !Array.isArray(given)) throw badOption('to', given, "a peer's name, names or \"all\"");
    const names = [...new Set(typeof to === 'string' ? [to] : to)];
    if (names.length === 0) throw badOption('to', 'empty', 'one name at least');
    for (const name of names) {
      if (typeof name !== 'string' || name === ANYONE || name === ALL) throw badOption('to', name, "a peer's name");
      if (name === this.name) throw badOption('to', name, 'another peer: nobody writes to himself');
    }
    return names;
  }
}

function badOption(option: string, value: unknown, must: string): MillraceError {
  const shown = Array.isArray(value) ? value.map(String).join(', ') : String(value);
  return new MillraceError('BAD_OPTION', `Option ${option} is ${shown}; it must be ${must}.`, { option, value });
}
