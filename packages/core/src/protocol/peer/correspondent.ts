import { MessageContract } from '../../contracts/message-contract.js';
import { type ErrorCode, MillraceError } from '../../errors/error.js';
import { platform, type Runtime } from '../../runtime/runtime.js';
import type { Dismantled } from '../../queues/travel.js';
import type { WaitOptions } from '../../queues/waits.js';
import { Events } from '../../transport/memory/events.js';
import { TO_OFFICE, TO_PEER, type ToPeer } from '../frames.js';
import { type Message, parseMessage, PROTOCOL_VERSION } from '../message.js';
import type { PeerEvents } from '../types.js';
import { Inbox } from './inbox.js';
import type { Mail } from './incoming.js';
import { Outbox } from './outbox.js';
import type { PeerParts } from './parts.js';
import { Questions } from './questions.js';
import { type Listener, Wire } from './wire.js';

/** A peer's side of a conversation: what it sends, what it receives, and the wire to the post office. */
export class Correspondent implements Listener {
  readonly name: string;
  readonly events = new Events<PeerEvents>();
  /** Fires when this peer is told to die. */
  readonly signal: AbortSignal;
  readonly outbox: Outbox;
  readonly inbox: Inbox;

  private readonly parts: PeerParts;
  private readonly wire: Wire;
  private readonly questions: Questions;
  private readonly told = new platform.AbortController();
  private closed: Promise<void> | undefined;
  private contract: MessageContract | undefined;

  constructor(parts: PeerParts, runtime: Runtime, contract?: MessageContract) {
    this.parts = parts;
    this.contract = contract ?? (parts.check === undefined ? undefined : MessageContract.without(parts.check));
    const contractNow = (): MessageContract | undefined => this.contract;
    this.name = parts.name;
    this.signal = this.told.signal;
    this.wire = new Wire(parts, this);
    this.questions = new Questions(this.wire, runtime, parts.asked);
    const outbox = new Outbox(parts, this.wire, this.questions, runtime, contractNow);
    this.outbox = outbox;
    this.inbox = new Inbox(parts, this.wire, runtime, (request, data) => outbox.message(request, data), contractNow);
    void this.wire.hear();
  }

  isEmpty(): Promise<boolean> {
    return this.questions.ask('isEmpty()', {}, (question) => [TO_OFFICE.EMPTY, question]);
  }

  async join(wait: WaitOptions): Promise<void> {
    await this.questions.ask('The join', wait, (question) => [TO_OFFICE.JOIN, question]);
  }

  heard(frame: ToPeer): void {
    const { lines, replies } = this.outbox;
    const { mailbox } = this.inbox;
    switch (frame[0]) {
      case TO_PEER.OPENED:
        lines.opened(frame[1]);
        return;
      case TO_PEER.REFUSED:
        lines.fail(frame[1], coded(frame[2], frame[3], { peer: frame[1] }));
        return;
      case TO_PEER.MAIL: {
        const mail = readMail(frame[1], frame[2], 1);
        if (mail.bad !== undefined || !this.answers(mail.message)) mailbox.arrived(mail, frame[3]);
        else {
          this.wire.post([TO_OFFICE.DONE, mail.ref]);
          mailbox.unsought(frame[3]);
        }
        return;
      }
      case TO_PEER.GIVEN:
        mailbox.given(frame[1], readMail(frame[2], frame[3], frame[4]));
        return;
      case TO_PEER.OFFER:
        mailbox.offered(frame[1], readMail(frame[2], frame[3], frame[4]));
        return;
      case TO_PEER.GRANTED:
        mailbox.granted(frame[1], frame[2], frame[3]);
        return;
      case TO_PEER.DENIED:
        mailbox.denied(frame[1]);
        return;
      case TO_PEER.NOTHING:
        mailbox.nothing(frame[1]);
        return;
      case TO_PEER.CREDIT:
        for (const [line, more] of frame[1]) lines.gained(line, more);
        return;
      case TO_PEER.UNDELIVERED: {
        const [, id, recipient, request, code, reason] = frame;
        if (replies.failed(id, coded(code, reason, { id, peer: recipient }))) return;
        this.events.emit('undelivered', { id, request, recipient, code, reason });
        return;
      }
      case TO_PEER.DIE:
        this.die(frame[1]);
        return;
      case TO_PEER.LEFT:
        this.peerLeft(frame[1]);
        return;
      case TO_PEER.ANSWERED: {
        const [, question, empty, reason] = frame;
        this.questions.answered(question, empty, reason === null ? undefined : coded(reason[0], reason[1]));
        return;
      }
      case TO_PEER.CLOSED:
        this.over(undefined);
    }
  }

  /** Whether it answers a request of this peer's, which is settled by it. */
  private answers(message: Message): boolean {
    const { replies } = this.outbox;
    const read = this.contract?.receiving(message, this.name) ?? message;
    if (!(read instanceof MillraceError)) return replies.answered(read);
    return message.replyTo !== undefined && replies.failed(message.replyTo, read);
  }

  /** From now on its messages are checked by these schemas, where its conversation says, or else where they are sent. */
  check(schemas: object): void {
    this.contract = this.contract?.with(schemas) ?? MessageContract.of({ schemas });
  }

  /** Settles every wait. When the conversation was closed, what is here can still be received. */
  over(error: MillraceError | undefined): void {
    if (this.wire.gone !== undefined) return;
    const reason = error ?? conversationClosed();
    const keeps = error === undefined;
    this.wire.gone = reason;
    this.inbox.mailbox.end({ error: reason, quiet: keeps, keeps });
    this.outbox.lines.failAll(reason);
    this.outbox.replies.failAll(reason);
    this.questions.failAll(reason);
  }

  close(): Promise<void> {
    this.over(coded('ENDPOINT_CLOSED', `Peer "${this.name}" is closed.`, { peer: this.name }));
    return (this.closed ??= this.wire.close());
  }

  dismantle(): { parts: PeerParts; settle: Dismantled['settle'] } {
    const { name, wire, inbox, outbox, questions } = this;
    if (wire.gone !== undefined) throw wire.gone;
    if (wire.busy || !inbox.idle || !outbox.idle || !questions.idle)
      throw coded('ENDPOINT_BUSY', `Peer "${name}" has messages in hand or calls under way here, and cannot be handed over.`, { peer: name });
    wire.rest();
    const parts: PeerParts = { ...this.parts, ...inbox.mailbox.state, ...outbox.state, asked: questions.state };
    return {
      parts,
      settle: (left) => {
        if (!left) void wire.hear();
        else
          this.over(
            coded('ENDPOINT_MOVED', `Peer "${name}" was handed to a worker and works there now. Make another to use one here.`, {
              peer: name,
            }),
          );
      },
    };
  }

  private die(message: Message): void {
    const text = `Peer "${this.name}" was told to die by "${message.sender}": it receives no more.`;
    const error = coded('TOLD_TO_DIE', text, { peer: this.name, sender: message.sender });
    this.inbox.mailbox.end({ error, quiet: true, keeps: false });
    this.told.abort(error);
  }

  private peerLeft(name: string): void {
    const error = coded('PEER_GONE', `Peer "${name}" has left.`, { peer: name });
    this.outbox.lines.fail(name, error);
    if (name === this.parts.partner) this.inbox.mailbox.end({ error, quiet: true, keeps: true });
    this.events.emit('left', { name });
  }
}

const UNREAD: Message = { v: PROTOCOL_VERSION, id: '', request: '', sender: '' };

function readMail(ref: number, given: unknown, attempt: number): Mail {
  try {
    return { ref, message: parseMessage(given), attempt };
  } catch (error) {
    return { ref, message: UNREAD, attempt, bad: error as MillraceError };
  }
}

function coded(code: ErrorCode, text: string, details: Record<string, unknown> = {}): MillraceError {
  return new MillraceError(code, text, details);
}

export function conversationClosed(): MillraceError {
  return coded('CONVERSATION_CLOSED', 'The conversation was closed.');
}
