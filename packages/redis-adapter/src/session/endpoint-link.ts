import { CODEC_BYTES, type Link, type ValueForm } from '@millrace/core/channels';
import type { Departure, ErrorCode, MillraceError } from '@millrace/core';
import type { Session } from './session.js';
import { type Frame, type Message, rebased } from './wire.js';

/** Kinds of messages whose fields differ here from those over a port. */
const BLOCK = 1;
const QUESTION = 5;
const SEEN = 6;
const REPORT = 20;
const NACK = 21;
const GIVE_BACK = 22;
const REJECT = 24;
const ANSWERS = 44;
const GONE = 49;
const RENEW = 51;
const ITEMS = 60;

/** Items that a consumer asks for ahead: what is asked for takes a way to the server and back, and each report is a script there. */
const WINDOW = 4096;

const ANSWER = ['accepted', 'dropped', 'refused'] as const;

/** One endpoint's link to its queue's home in Redis, by way of its session. */
export class EndpointLink implements Link {
  readonly form: ValueForm;
  readonly window = WINDOW;
  private readonly id: string;
  /** How the queue is found from elsewhere: plain data, which travels in the link's place. */
  private readonly address: object;
  private readonly session: Session;
  private readonly handOver: (worker: string) => void;
  private readonly onClose: () => void;
  private readonly explain: (code: ErrorCode) => string;
  private onMessage: ((message: readonly unknown[], more?: boolean) => void) | undefined;
  private open = true;
  private early: Message[] = [];
  /** Blocks of one item each that must be alone, and of which it was not told yet that it is begun. */
  private readonly alone = new Set<number>();

  constructor(
    id: string,
    address: object,
    session: Session,
    form: ValueForm,
    handOver: (worker: string) => void,
    onClose: () => void,
    explain: (code: ErrorCode) => string,
  ) {
    this.id = id;
    this.address = address;
    this.session = session;
    this.form = form;
    this.handOver = handOver;
    this.onClose = onClose;
    this.explain = explain;
  }

  post(message: unknown): void {
    if (!this.open) return;
    const given = message as readonly unknown[];
    const { id } = this;
    switch (given[0]) {
      case BLOCK: {
        const [kind, , count, epoch, sequence, body] = given;
        this.session.post((first) => [id, kind, count, epoch, sequence, first], [body as Uint8Array]);
        return;
      }
      case QUESTION: {
        const [kind, request, , count, epoch, sequence, body] = given;
        this.session.post((first) => [id, kind, request, count, epoch, sequence, first], [body as Uint8Array]);
        return;
      }
      case SEEN: {
        const [kind, request, put] = given as [number, number, string];
        const cut = put.lastIndexOf('#');
        const number = Number(put.slice(cut + 1));
        const known = cut >= 0 && Number.isSafeInteger(number);
        this.session.post(() => [id, kind, request, put.slice(0, Math.max(0, cut)), known ? number : Number.MAX_SAFE_INTEGER]);
        return;
      }
      case NACK: {
        const [kind, block, index, begun, reason] = given;
        this.withReason(reason, (at) => [id, kind, block, index, begun, at]);
        return;
      }
      case REJECT: {
        const [kind, block, index, reason] = given;
        this.withReason(reason, (at) => [id, kind, block, index, false, at]);
        return;
      }
      case GIVE_BACK:
        this.session.post(() => [id, given[0], given[1]]);
        return;
      case REPORT: {
        // Of an item that is alone since somebody died with it, it is told before user code has it: that may end this process too.
        const urgent = (given[1] as number[]).some((block, i) => i % 2 === 0 && this.alone.delete(block));
        this.session.post(() => [id, ...given], [], !urgent);
        return;
      }
      default:
        this.session.post(() => [id, ...given]);
    }
  }

  receive(onMessage: (message: readonly unknown[], more?: boolean) => void): void {
    this.onMessage = onMessage;
    for (const message of this.early.splice(0)) onMessage(message);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.onClose();
  }

  /** Leaves this process: whatever still comes for it here is void, since on its way an endpoint holds nothing. */
  detach(via: Departure): object {
    this.handOver(via.worker);
    this.close();
    return this.address;
  }

  /** Its home had given it up, and takes it on again; with an error, it has forgotten what it was asked. */
  renew(number: number, forgotten?: MillraceError): void {
    this.alone.clear();
    if (this.open) this.onMessage?.([RENEW, number, forgotten]);
  }

  /** What its home sends. */
  deliver(message: Message, frame: Frame, next?: Message): void {
    if (!this.open) return;
    const translated = this.translate(message, frame);
    if (this.onMessage === undefined) this.early.push(translated);
    else this.onMessage(translated, this.brings(message) && this.brings(next));
  }

  private brings(message: Message | undefined): boolean {
    return message?.[0] === this.id && message[1] === ITEMS;
  }

  /** It is no more, and neither side says anything to the other. */
  end(code: ErrorCode, text?: string): void {
    if (!this.open) return;
    this.onMessage?.([GONE, code, text ?? this.explain(code)]);
    this.close();
  }

  private translate(message: Message, frame: Frame): Message {
    switch (message[1]) {
      case ITEMS: {
        const [, kind, count, epoch, sequence, attempts, alone, fence, bytes, base] = message as [
          string, number, number, number, number, number[], boolean, number, number, number,
        ];
        if (alone) this.alone.add(sequence);
        const body = rebased(frame.bytes(bytes), count, base);
        const extra = { alone, fence, attempts: pairs(attempts) };
        return [kind, CODEC_BYTES, count, epoch, sequence, body, extra];
      }
      case ANSWERS: {
        const [, kind, request, count, accepted, other] = message as [string, number, number, number, number, number];
        return [kind, request, Array.from({ length: count }, (_, i) => ANSWER[i < accepted ? 0 : other])];
      }
      case GONE:
        return [GONE, message[2], typeof message[3] === 'string' ? message[3] : this.explain(message[2] as ErrorCode)];
      default:
        return message.slice(1);
    }
  }

  private withReason(reason: unknown, message: (at: number | undefined) => Message): void {
    if (reason === undefined) this.session.post(() => message(undefined));
    // The first byte tells it from what the home says by itself.
    else this.session.post(message, [Buffer.concat([ONE, reason as Uint8Array])]);
  }
}

const ONE = Buffer.from([1]);

function pairs(flat: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < flat.length; i += 2) found.push([flat[i] ?? 0, flat[i + 1] ?? 1]);
  return found;
}
