import type { MessageContract } from '../../contracts/message-contract.js';
import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkWait, watch, type WaitOptions } from '../../queues/waits.js';
import { TO_OFFICE } from '../frames.js';
import { DO, type Message } from '../message.js';
import { type Desk, failureOf, Incoming, type Mail } from './incoming.js';
import { Loop } from './loop.js';
import { Mailbox, type Receive } from './mailbox.js';
import type { PeerParts } from './parts.js';
import type { Wire } from './wire.js';

/** What a receive is given, once the types have been left behind. */
export interface Receiving extends WaitOptions {
  readonly where?: ((message: Message) => boolean) | undefined;
}

/** How a receive waits: to the end, for a loop that just ends then, or not at all. */
type Manner = 'lone' | 'loop' | 'look';

/** What a peer receives, and what becomes of it. */
export class Inbox implements Desk {
  readonly mailbox: Mailbox;
  private readonly name: string;
  private readonly contract: () => MessageContract | undefined;
  private readonly wire: Wire;
  private readonly runtime: Runtime;
  private readonly write: (request: string, data: unknown) => Message;
  /** Messages in hand. */
  private readonly open = new Set<Incoming>();
  /** Mail that has come for loops which do not run yet. */
  private handing = 0;

  /** @param write - makes a message of this peer's */
  constructor(
    parts: PeerParts,
    wire: Wire,
    runtime: Runtime,
    write: (request: string, data: unknown) => Message,
    contract: () => MessageContract | undefined,
  ) {
    this.name = parts.name;
    this.contract = contract;
    this.wire = wire;
    this.runtime = runtime;
    this.write = write;
    this.mailbox = new Mailbox((frame) => {
      wire.post(frame);
    }, parts);
  }

  get idle(): boolean {
    return this.mailbox.idle && this.open.size + this.handing === 0;
  }

  receive(options: Receiving): Promise<Incoming | undefined> {
    return this.wait(options, 'lone', (mail) => this.handOver(mail));
  }

  tryReceive(options: Receiving): Promise<Incoming | undefined> {
    return this.wait(options, 'look', (mail) => this.handOver(mail));
  }

  loop(options: Receiving): Loop {
    const hand = (mail: Mail): Mail => {
      this.handing++;
      return mail;
    };
    return new Loop({
      wait: (waits) => this.wait(options, 'loop', hand, waits),
      take: (mail) => {
        this.handing--;
        const incoming = this.takeUp(mail);
        this.wire.post([TO_OFFICE.TAKEN, mail.ref]);
        return incoming;
      },
      unseen: (mail) => {
        this.handing--;
        if (mail.message.recipient === undefined) this.wire.post([TO_OFFICE.RETURN, mail.ref, false]);
        else this.mailbox.restore(mail);
      },
      next: (incoming) => {
        if (incoming.request !== DO && !incoming.settled) this.processed(incoming);
      },
      left: (incoming) => {
        this.left(incoming);
      },
    });
  }

  processed(incoming: Incoming): void {
    this.settle(incoming);
    this.wire.post([TO_OFFICE.DONE, incoming.ref]);
  }

  async answer(incoming: Incoming, request: 'FINISHED' | 'FAILED', data: unknown): Promise<void> {
    const contract = this.contract();
    if (contract === undefined || request === 'FAILED') return this.answerNow(incoming, request, data);
    return contract.sending(request, data, this.name, (checked) => {
      incoming.checkOpen();
      return this.answerNow(incoming, request, checked);
    });
  }

  private async answerNow(incoming: Incoming, request: 'FINISHED' | 'FAILED', data: unknown): Promise<void> {
    // If it cannot be put, it is not answered, and can still be.
    const sent = this.wire.put([TO_OFFICE.ANSWER, incoming.ref, this.write(request, data)]);
    this.settle(incoming);
    await sent;
  }

  /** @param accept - called at once when mail comes, before anything else can happen to it */
  private async wait<Result>(
    { where, ...wait }: Receiving,
    manner: Manner,
    accept: (mail: Mail) => Result,
    waits?: (giveUp: () => void) => void,
  ): Promise<Result | undefined> {
    checkWait('The receive', wait);
    const contract = this.contract();
    contract?.check(this.name);
    return new Promise((resolve, reject) => {
      let unwatch: (() => void) | undefined;
      let over = false;
      const settled = (): void => {
        over = true;
        unwatch?.();
      };
      const receive: Receive = {
        where: where === undefined || contract === undefined ? where : (message) => this.accepts(contract, where, message),
        looks: manner === 'look',
        give: (mail) => {
          settled();
          try {
            resolve(accept(this.checked(mail)));
          } catch (error) {
            reject(error);
          }
        },
        fail: (error) => {
          settled();
          reject(error);
        },
        end: (end) => {
          settled();
          if (end === undefined || (end.quiet && manner === 'loop')) resolve(undefined);
          else reject(end.error);
        },
      };
      const cancel = this.mailbox.ask(receive);
      if (isTrue(over)) return;
      waits?.(() => {
        cancel();
        receive.end(undefined);
      });
      if (wait.signal !== undefined || wait.timeout !== undefined)
        unwatch = watch(this.runtime, 'The receive', wait, (error) => {
          cancel();
          receive.fail(error);
        });
    });
  }

  /** What does not match is for whoever receives next: as an error. */
  private accepts(contract: MessageContract, where: (message: Message) => boolean, message: Message): boolean {
    const read = contract.receiving(message, this.name);
    return read instanceof MillraceError || where(read);
  }

  private checked(mail: Mail): Mail {
    const read = mail.bad ?? this.contract()?.receiving(mail.message, this.name) ?? mail.message;
    return read instanceof MillraceError ? { ...mail, bad: read } : { ...mail, message: read };
  }

  /** A lone receive: whoever asked has it, and that is all that was to be done unless it is a `DO`. */
  private handOver(mail: Mail): Incoming {
    const incoming = this.takeUp(mail);
    if (incoming.request === DO) this.wire.post([TO_OFFICE.TAKEN, mail.ref]);
    else this.processed(incoming);
    return incoming;
  }

  private takeUp(mail: Mail): Incoming {
    if (mail.bad !== undefined) {
      // Nobody could do more with it; whoever asked for something to be done hears why it is not.
      if (mail.message.request === DO) this.wire.post([TO_OFFICE.ANSWER, mail.ref, this.write('FAILED', failureOf(mail.bad))]);
      else this.wire.post([TO_OFFICE.DONE, mail.ref]);
      throw mail.bad;
    }
    const incoming = new Incoming(this, mail);
    this.open.add(incoming);
    return incoming;
  }

  /** A loop was left: mail to nobody goes to another peer, since a throw looks the same; a `DO` waits for its answer. */
  private left(incoming: Incoming): void {
    if (incoming.settled || incoming.request === DO) return;
    if (incoming.recipient !== undefined) {
      this.processed(incoming);
      return;
    }
    this.settle(incoming);
    this.wire.post([TO_OFFICE.RETURN, incoming.ref, true]);
  }

  private settle(incoming: Incoming): void {
    incoming.settled = true;
    this.open.delete(incoming);
  }
}

/** Read where the compiler believes to know the value, since a callback may have changed it. */
function isTrue(value: boolean): boolean {
  return value;
}
