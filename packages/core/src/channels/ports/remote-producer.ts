import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { putUncertain } from '../../queues/put-wait.js';
import type { Departure, EndpointToken, ProducerBackend, PutAnswer, PutMeta, Putter } from '../../transport/backend.js';
import { PutLine } from '../../transport/put-line.js';
import { consumersStuck, endpointBusy, endpointClosed, fixAll, transferRefused } from '../../transport/memory/home-producer.js';
import { cloneForm } from './clone-form.js';
import type { ValueForm } from './form.js';
import type { Link } from './link.js';
import { linkLost } from './lost.js';
import { TO_ENDPOINT, TO_HOME } from './messages.js';
import { Outgoing } from './outgoing.js';
import { Requests } from './requests.js';
import { movedOf, type RemoteSpec } from './token.js';
import { Wants } from './wants.js';

/** Items whose home is asked what becomes of them, and has not answered, before others wait: some blocks' worth. */
const MOST_ASKED = 256;

/**
 * A producer endpoint whose queue's home is at the other end of a link. It accepts items against credits, which are room
 * that its home has reserved, and sends them in blocks: a lone item at once, many when the turn is over or a block is full.
 */
export class RemoteProducer implements ProducerBackend {
  readonly id: string;
  private readonly spec: RemoteSpec;
  private readonly link: Link;
  private readonly form: ValueForm;
  private readonly runtime: Runtime;
  private readonly isLoop: boolean;
  private readonly line = new PutLine();
  private readonly requests: Requests;
  private readonly out: Outgoing;
  private readonly wants: Wants;
  /** A put's answer is its home's: lossy and gated queues, and `confirm: 'each'`. */
  private readonly asks: boolean;
  private unconfirmed: Putter[] = [];
  /** Puts of which it is asked whether they have arrived before, by the id that they repeat: it is asked once, however often they are given up. */
  private readonly seeking = new Map<string, Set<Putter>>();
  /** Items that were put by a question without an answer yet. */
  private asking = 0;
  /** Puts that wait for such answers: where these do not come, no more is gathered on the way. */
  private readonly later = new Set<Putter>();
  private credits: number;
  /** The queue's gate, as far as known here: every put is refused. */
  private refusing: boolean;
  /** Puts refused here that the home has not been told of. */
  private refused = 0;
  private gone: MillraceError | undefined;
  private lost = false;
  /** Its home has asked for what is not used here. */
  private recalled = false;

  constructor(
    id: string,
    spec: RemoteSpec,
    link: Link,
    runtime: Runtime,
    state: {
      readonly epoch: number;
      readonly credits?: number | undefined;
      readonly sequence?: number | undefined;
      readonly refusing?: boolean | undefined;
      /**
       * Set where deliveries put: the link, and so the numbers of its requests, are their consumer's. What that has begun is
       * told before a put waits: it has made room.
       */
      readonly loop?: { readonly requests: Requests; readonly report: () => void } | undefined;
    },
  ) {
    this.id = id;
    this.spec = spec;
    this.link = link;
    this.form = link.form ?? cloneForm;
    this.runtime = runtime;
    this.credits = state.credits ?? 0;
    this.refusing = state.refusing ?? false;
    this.isLoop = state.loop !== undefined;
    this.requests = state.loop?.requests ?? new Requests();
    this.out = new Outgoing(link, this.form, runtime, this.requests, state.epoch, state.sequence ?? 0);
    this.wants = new Wants(link, runtime, this.line, state.loop?.report);
    this.asks = spec.overflow !== 'wait' || spec.confirm === 'each' || spec.gate;
    if (!this.isLoop)
      link.receive(
        (message) => {
          this.receive(message);
        },
        () => {
          this.lose();
        },
        () => {
          this.sendBlock();
        },
      );
  }

  /** Items accepted so far. */
  get sequence(): number {
    return this.out.sequence;
  }

  offer(value: unknown): PutAnswer | 'full' {
    if (this.gone !== undefined) throw this.gone;
    if (this.asks || (this.credits <= 0 && !this.claims())) return 'full';
    this.out.put(value);
    this.credits--;
    return 'accepted';
  }

  offerAll(values: readonly unknown[]): boolean {
    if (this.gone !== undefined) throw this.gone;
    if (this.asks) return false;
    if (this.credits < values.length) this.claims();
    if (this.credits < values.length) return false;
    for (const value of fixAll(values, this.form)) this.append(value, undefined);
    return true;
  }

  tryOffer(value: unknown, meta: PutMeta | undefined, still?: () => boolean): PutAnswer | 'full' | Promise<PutAnswer | 'full'> {
    if (this.gone !== undefined) throw this.gone;
    if (!this.asks && meta === undefined && (this.credits > 0 || this.claims())) return this.offer(value);
    return this.tryNow(value, meta, still);
  }

  /** Finds room in memory that is shared, unless others wait for it here. */
  private claims(): boolean {
    if (this.line.wants > 0) return false;
    const room = this.link.claim?.(this.out.inTurn) ?? 0;
    this.credits += room;
    return this.credits > 0;
  }

  /** Asks for room for one item, unless others wait for it here. What is to be moved stays whole until there is some. */
  private async tryNow(value: unknown, meta: PutMeta | undefined, still?: () => boolean): Promise<PutAnswer | 'full'> {
    const moved = meta?.transfer !== undefined;
    if (moved && this.spec.redelivery === 'required') throw transferRefused(this.spec.name);
    const fixed = moved ? value : this.form.fix(value);
    if (meta?.id !== undefined && (await this.request<boolean>(TO_HOME.SEEN, [meta.id]))) return 'accepted';
    const waits = this.spec.overflow === 'wait';
    if (waits && !this.refusing) {
      if (this.line.puts > 0) return 'full';
      if (this.credits > 0) this.credits--;
      else if (!(await this.request<boolean>(TO_HOME.TRY))) return 'full';
      // The credit is this item's, even if puts have begun to wait meanwhile.
      this.credits++;
    }
    if (this.gone !== undefined) throw this.gone;
    if (this.refusing || still?.() === false) {
      if (this.credits > 0) this.returnCredits();
      return this.refusing ? this.refuse() : 'full';
    }
    if (waits && !this.spec.gate) {
      this.append(fixed, meta);
      if (this.spec.confirm === 'each') await this.flush();
      return 'accepted';
    }
    this.sendBlock();
    if (waits) this.credits--;
    this.out.collect(fixed, meta);
    const [answer] = await this.out.ask();
    return answer as PutAnswer;
  }

  park(putter: Putter): void {
    if (this.gone !== undefined) throw this.gone;
    if (putter.meta?.transfer === undefined) putter.values = fixAll(putter.values, this.form);
    else if (this.spec.redelivery === 'required') throw transferRefused(this.spec.name);
    const id = putter.meta?.id;
    if (id === undefined) this.join(putter);
    else this.askSeen(putter, id);
  }

  unpark(putter: Putter): void {
    this.line.leave(putter);
    this.later.delete(putter);
    if (putter.meta?.id !== undefined) this.seeking.get(putter.meta.id)?.delete(putter);
    this.wants.tell();
  }

  /** Whether a put waits here. */
  get waiting(): boolean {
    return this.line.wants > 0;
  }

  flush(): Promise<void> | undefined {
    if (this.gone !== undefined) throw this.gone;
    this.sendBlock();
    if (this.sequence === 0) return undefined;
    return this.request<undefined>(TO_HOME.FLUSH);
  }

  close(): Promise<void> | undefined {
    if (this.gone !== undefined) return undefined;
    this.sendBlock();
    this.tellRefused();
    this.recalled = false;
    this.gone = endpointClosed(this.id);
    this.wants.end();
    this.failWaiting(this.gone);
    if (this.isLoop) return undefined;
    return this.request<undefined>(TO_HOME.CLOSE).then(() => {
      // What was asked for before and is not answered by now never will be.
      this.requests.failAll(this.gone);
      this.link.close();
    });
  }

  checkDepart(): void {
    if (this.gone !== undefined) throw this.gone;
    if (this.line.wants > 0 || this.requests.size > 0) throw endpointBusy(this.id);
  }

  depart(via: Departure): EndpointToken {
    this.checkDepart();
    if (via.local) return { role: 'producer', transfer: [], body: this };
    this.answerRecall();
    this.sendBlock();
    this.tellRefused();
    const { id, spec, credits, refusing } = this;
    const { epoch, sequence } = this.out;
    const port = this.link.detach(via);
    return { role: 'producer', transfer: movedOf(port), body: { id, spec, port, epoch, credits, sequence, refusing } };
  }

  /** Sends the open block, if there is anything in it, and asks for the confirmation that puts wait for. */
  sendBlock(): void {
    this.out.send();
    if (this.unconfirmed.length > 0) this.askConfirmation();
  }

  private askConfirmation(): void {
    const putters = this.unconfirmed.map((putter) => ({ putter, id: putter.asked ?? '' }));
    this.unconfirmed = [];
    this.request<undefined>(TO_HOME.FLUSH).then(
      () => {
        for (const { putter, id } of putters) {
          // What of it was not sent yet is not uncertain.
          if (putter.asked === id) putter.asked = undefined;
          putter.answer('accepted');
        }
      },
      (error: unknown) => {
        for (const { putter, id } of putters) putter.fail(putUncertain(id, error));
      },
    );
  }

  /** Handles what its home sends; false for messages that are not a producer's. */
  receive(message: readonly unknown[]): boolean {
    switch (message[0]) {
      case TO_ENDPOINT.CREDIT:
        this.credits += message[1] as number;
        this.wants.answered(message[2] as number);
        this.serve();
        // A delivery's put that was given up needs it no more, and deliveries hold nothing ahead.
        if (this.isLoop && this.credits > 0) this.returnCredits();
        return true;
      case TO_ENDPOINT.RECALL:
        // Whoever has just been told of room uses it in this turn, or not.
        this.recalled = true;
        this.runtime.defer(this.answerRecall);
        return true;
      case TO_ENDPOINT.FLUSHED:
      case TO_ENDPOINT.CLOSED:
        this.requests.answer(message[1] as number, undefined);
        return true;
      case TO_ENDPOINT.ANSWERS:
      case TO_ENDPOINT.SEEN:
      case TO_ENDPOINT.TRIED:
        this.requests.answer(message[1] as number, message[2]);
        return true;
      case TO_ENDPOINT.SYNC:
        this.sync(message[2] as number, message[3] as boolean);
        this.link.post([TO_HOME.SYNCED, message[1], message[2]]);
        return true;
      case TO_ENDPOINT.RENEW:
        this.link.post([TO_HOME.RENEWED, message[1], this.renew(message[2])]);
        return true;
      case TO_ENDPOINT.STUCK:
        this.line.failLast(consumersStuck(this.spec.name));
        // At once, and also when nothing was left to fail: its home waits for word, and would ask again.
        this.wants.send();
        return true;
      case TO_ENDPOINT.GONE:
        this.end(new MillraceError(message[1] as 'QUEUE_CLOSED', message[2] as string, { endpoint: this.id }));
        return true;
      default:
        return false;
    }
  }

  /** What was accepted is sent all the same; of the room that it had nothing is left. Answers how many puts wait. */
  renew(forgotten: unknown): number {
    this.sendBlock();
    this.credits = 0;
    this.recalled = false;
    if (forgotten !== undefined) this.requests.failAll(forgotten);
    return this.wants.renew();
  }

  private readonly answerRecall = (): void => {
    if (!this.recalled) return;
    this.recalled = false;
    this.sendBlock();
    this.returnCredits();
  };

  private returnCredits(): void {
    this.link.post([TO_HOME.RETURN, this.credits]);
    this.credits = 0;
  }

  /**
   * What was accepted so far leaves, in its own epoch; what follows belongs to the new one. If the queue refuses from now on,
   * so do puts that wait.
   */
  sync(epoch: number, refusing: boolean): void {
    this.sendBlock();
    this.out.epoch = epoch;
    if (refusing && !this.refusing) {
      this.line.serve(Infinity, (_, putter) => {
        putter.answer(this.refuse());
      });
      if (this.credits > 0) this.returnCredits();
      this.wants.tellNow();
    }
    this.refusing = refusing;
  }

  /** Counts a put that was refused here, for its home to hear of at the end of the turn. */
  private refuse(): 'refused' {
    if (this.refused++ === 0) this.runtime.defer(this.tellRefused);
    return 'refused';
  }

  private readonly tellRefused = (): void => {
    if (this.refused > 0) this.link.post([TO_HOME.REFUSED, this.refused]);
    this.refused = 0;
  };

  lose(): void {
    this.end(linkLost(this.id));
  }

  private end(error: MillraceError): void {
    if (this.lost) return;
    this.lost = true;
    this.recalled = false;
    this.gone = error;
    this.wants.end();
    this.failWaiting(error);
    this.requests.failAll(error);
    if (!this.isLoop) this.link.close();
  }

  private failWaiting(error: MillraceError): void {
    this.line.failAll(error);
    for (const putter of this.later) putter.fail(error);
    this.later.clear();
  }

  private join(putter: Putter): void {
    const waits = this.spec.overflow === 'wait';
    if (putter.roomOnly && (this.refusing || !waits)) putter.answer('accepted');
    else if (this.refusing) for (const _ of putter.values) putter.answer(this.refuse());
    else if (!waits) this.askAll(putter);
    else {
      this.line.join(putter);
      this.serve();
    }
  }

  private serve(): void {
    const n = Math.min(this.credits, this.line.wants);
    if (n > 0) {
      if (this.spec.gate) this.serveByAsking(n);
      else
        this.line.serve(n, (value, putter) => {
          this.append(value, putter.meta);
          if (this.spec.confirm !== 'each') putter.answer('accepted');
          else {
            putter.asked = this.lastId();
            this.unconfirmed.push(putter);
          }
        });
    }
    if (this.unconfirmed.length > 0 || this.line.wants > 0) this.sendBlock();
    this.wants.tell();
  }

  /** There is room, and yet the answer is the home's: its gate may have closed meanwhile. */
  private serveByAsking(n: number): void {
    const asked: Putter[] = [];
    this.line.serve(n, (value, putter) => {
      this.out.collect(value, putter.meta);
      this.credits--;
      asked.push(putter);
    });
    if (asked.length > 0) this.ask(asked);
  }

  /** Accepts one item against a credit. */
  private append(fixed: unknown, meta: PutMeta | undefined): void {
    this.out.append(fixed, meta);
    this.credits--;
  }

  private lastId(): string {
    return `${this.id}#${String(this.sequence - 1)}`;
  }

  /** Puts all of a putter's values by one question, since only their home knows what becomes of them. */
  private askAll(putter: Putter): void {
    if (this.asking >= MOST_ASKED) {
      this.later.add(putter);
      return;
    }
    this.sendBlock();
    for (const value of putter.values) this.out.collect(value, putter.meta);
    putter.next = putter.values.length;
    this.ask(putter.values.map(() => putter));
  }

  /** Asks what becomes of the values that were collected, each of which is that of the putter in its place. */
  private ask(putters: readonly Putter[]): void {
    const answers = this.out.ask();
    const id = this.lastId();
    for (const putter of putters) putter.asked = id;
    this.asking += putters.length;
    answers.then(
      (known) => {
        this.answered(putters.length);
        for (const [i, putter] of putters.entries()) {
          // What of it was not asked yet is not uncertain.
          if (putter.asked === id) putter.asked = undefined;
          putter.answer(known[i] as PutAnswer);
        }
      },
      (error: unknown) => {
        this.answered(putters.length);
        for (const putter of putters) putter.fail(putUncertain(id, error));
      },
    );
  }

  private answered(count: number): void {
    this.asking -= count;
    for (const putter of this.later) {
      if (this.asking >= MOST_ASKED) return;
      this.later.delete(putter);
      this.join(putter);
    }
  }

  private askSeen(putter: Putter, id: string): void {
    const others = this.seeking.get(id);
    if (others !== undefined) {
      others.add(putter);
      return;
    }
    const putters = new Set([putter]);
    this.seeking.set(id, putters);
    this.request<boolean>(TO_HOME.SEEN, [id]).then(
      (seen) => {
        this.seeking.delete(id);
        for (const one of putters) {
          if (!seen) this.join(one);
          else for (const _ of one.values) one.answer('accepted');
        }
      },
      (error: unknown) => {
        this.seeking.delete(id);
        for (const one of putters) one.fail(error);
      },
    );
  }

  private request<Answer>(kind: number, rest: readonly unknown[] = [], transfer?: readonly object[]): Promise<Answer> {
    const { request, answer } = this.requests.open<Answer>();
    // Its home is gone, and answers no more.
    if (this.lost) this.requests.failAll(this.gone);
    this.link.post([kind, request, ...rest], transfer);
    return answer;
  }
}
