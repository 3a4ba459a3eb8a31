import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { putUncertain } from '../../queues/put-wait.js';
import type { Departure, EndpointToken, ProducerBackend, PutAnswer, PutMeta, Putter } from '../../transport/backend.js';
import { PutLine } from '../../transport/put-line.js';
import { consumersStuck, endpointBusy, endpointClosed, fixAll, transferRefused } from '../../transport/memory/home-producer.js';
import { fix, judged, move } from '../values/fix.js';
import { holdsErrors } from '../values/survey.js';
import type { Link } from './link.js';
import { TO_ENDPOINT, TO_HOME } from './messages.js';
import { OpenBlock } from './open-block.js';
import { Requests } from './requests.js';
import type { RemoteSpec } from './token.js';

/**
 * A producer endpoint whose queue's home is at the other end of a link. It accepts items against credits, which are room
 * that its home has reserved, and sends them in blocks: a lone item at once, many when the turn is over or a block is full.
 */
export class RemoteProducer implements ProducerBackend {
  readonly id: string;
  private readonly spec: RemoteSpec;
  private readonly link: Link;
  private readonly runtime: Runtime;
  private readonly isLoop: boolean;
  private readonly line = new PutLine();
  private readonly block = new OpenBlock();
  private readonly requests: Requests;
  /** A put's answer is its home's: lossy queues, and `confirm: 'each'`. */
  private readonly asks: boolean;
  private unconfirmed: Putter[] = [];
  /** Given up while it was asked whether they had arrived before. */
  private readonly left = new WeakSet<Putter>();
  private credits: number;
  private demanded = 0;
  private wantOpen = false;
  /** Items accepted so far: the number of the next one. */
  sequence: number;
  private epoch: number;
  private turnOpen = false;
  private turnStart = 0;
  /** The last turn brought more than one item: this one will too, and its first can wait for the others. */
  private busy = false;
  private gone: MillraceError | undefined;
  private lost = false;

  constructor(
    id: string,
    spec: RemoteSpec,
    link: Link,
    runtime: Runtime,
    state: {
      readonly epoch: number;
      readonly credits?: number | undefined;
      readonly sequence?: number | undefined;
      /** Set where deliveries put: the link, and so the numbers of its requests, are their consumer's. */
      readonly loop?: Requests | undefined;
    },
  ) {
    this.id = id;
    this.spec = spec;
    this.link = link;
    this.runtime = runtime;
    this.epoch = state.epoch;
    this.credits = state.credits ?? 0;
    this.sequence = state.sequence ?? 0;
    this.isLoop = state.loop !== undefined;
    this.requests = state.loop ?? new Requests();
    this.asks = spec.overflow !== 'wait' || spec.confirm === 'each';
    if (!this.isLoop)
      link.receive(
        (message) => {
          this.receive(message);
        },
        () => {
          this.lose();
        },
      );
  }

  offer(value: unknown): PutAnswer | 'full' {
    if (this.gone !== undefined) throw this.gone;
    if (this.credits <= 0 || this.asks) return 'full';
    this.append(fix(value), false);
    return 'accepted';
  }

  tryOffer(value: unknown, meta: PutMeta | undefined): PutAnswer | 'full' | Promise<PutAnswer | 'full'> {
    if (this.gone !== undefined) throw this.gone;
    if (this.credits > 0 && !this.asks && meta === undefined) return this.offer(value);
    if (this.spec.overflow !== 'wait') {
      this.sendBlock();
      this.block.add(this.keep(value, meta), meta?.transfer !== undefined);
      return this.ask().then((answers) => answers[0] as PutAnswer);
    }
    return this.tryNow(value, meta);
  }

  /** Asks for room for one item, unless others wait for it here. What is to be moved stays whole until there is some. */
  private async tryNow(value: unknown, meta: PutMeta | undefined): Promise<PutAnswer | 'full'> {
    const moves = meta?.transfer !== undefined;
    if (moves && this.spec.redelivery === 'required') throw transferRefused(this.spec.name);
    const fixed = moves ? value : fix(value);
    if (meta?.id !== undefined && (await this.request<boolean>(TO_HOME.SEEN, [meta.id]))) return 'accepted';
    if (this.line.puts > 0) return 'full';
    if (this.credits > 0) this.credits--;
    else if (!(await this.request<boolean>(TO_HOME.TRY))) return 'full';
    if (this.gone !== undefined) throw this.gone;
    // The credit is this item's, even if puts have begun to wait meanwhile.
    this.credits++;
    this.append(moves ? this.keep(value, meta) : this.refixed(fixed), moves);
    if (this.spec.confirm === 'each') await this.flush();
    return 'accepted';
  }

  park(putter: Putter): void {
    if (this.gone !== undefined) throw this.gone;
    if (putter.meta?.transfer === undefined) putter.values = fixAll(putter.values);
    else if (this.spec.redelivery === 'required') throw transferRefused(this.spec.name);
    const id = putter.meta?.id;
    if (id === undefined) this.join(putter);
    else this.askSeen(putter, id);
  }

  unpark(putter: Putter): void {
    this.line.leave(putter);
    this.left.add(putter);
    this.want();
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
    this.gone = endpointClosed(this.id);
    this.line.failAll(this.gone);
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
    this.sendBlock();
    const { id, spec, epoch, credits, sequence } = this;
    const port = this.link.detach();
    return { role: 'producer', transfer: [port], body: { id, spec, port, epoch, credits, sequence } };
  }

  /** Sends the open block, if there is anything in it, and asks for the confirmation that puts wait for. */
  sendBlock(): void {
    const { count } = this.block;
    if (count > 0) {
      const { block, transfer } = this.block.cut(this.epoch, this.sequence - count);
      this.link.post([TO_HOME.BLOCK, ...block], transfer);
    }
    if (this.unconfirmed.length > 0) this.askConfirmation();
  }

  private askConfirmation(): void {
    const putters = this.unconfirmed;
    this.unconfirmed = [];
    this.request<undefined>(TO_HOME.FLUSH).then(
      () => {
        for (const putter of putters) putter.answer('accepted');
      },
      (error: unknown) => {
        for (const putter of putters) putter.fail(putUncertain(putter.asked ?? '', error));
      },
    );
  }

  /** Handles what its home sends; false for messages that are not a producer's. */
  receive(message: readonly unknown[]): boolean {
    switch (message[0]) {
      case TO_ENDPOINT.CREDIT:
        this.credits += message[1] as number;
        this.demanded -= message[2] as number;
        this.serve();
        // A delivery's put that was given up needs it no more, and deliveries hold nothing ahead.
        if (this.isLoop && this.credits > 0) this.returnCredits();
        return true;
      case TO_ENDPOINT.RECALL:
        this.sendBlock();
        this.returnCredits();
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
        this.sync(message[2] as number);
        this.link.post([TO_HOME.SYNCED, message[1], message[2]]);
        return true;
      case TO_ENDPOINT.STUCK:
        this.line.failLast(consumersStuck(this.spec.name));
        // At once, and also when nothing was left to fail: its home waits for word, and would ask again.
        this.sendWant();
        return true;
      case TO_ENDPOINT.GONE:
        this.end(new MillraceError(message[1] as 'QUEUE_CLOSED', message[2] as string, { endpoint: this.id }));
        return true;
      default:
        return false;
    }
  }

  private returnCredits(): void {
    this.link.post([TO_HOME.RETURN, this.credits]);
    this.credits = 0;
  }

  /** What was accepted so far leaves, in its own epoch; what follows belongs to the new one. */
  sync(epoch: number): void {
    this.sendBlock();
    this.epoch = epoch;
  }

  lose(): void {
    this.end(
      new MillraceError('ENDPOINT_LOST', `Endpoint ${this.id} has lost the link to its queue: the queue's process or thread is gone.`, {
        endpoint: this.id,
      }),
    );
  }

  private end(error: MillraceError): void {
    if (this.lost) return;
    this.lost = true;
    this.gone = error;
    this.line.failAll(error);
    this.requests.failAll(error);
    if (!this.isLoop) this.link.close();
  }

  private join(putter: Putter): void {
    if (this.spec.overflow !== 'wait') {
      if (putter.roomOnly) putter.answer('accepted');
      else this.askAll(putter);
      return;
    }
    this.line.join(putter);
    this.serve();
  }

  private serve(): void {
    const n = Math.min(this.credits, this.line.wants);
    if (n > 0)
      this.line.serve(n, (value, putter) => {
        const moved = putter.meta?.transfer !== undefined;
        this.append(moved ? this.keep(value, putter.meta) : this.refixed(value), moved);
        if (this.spec.confirm !== 'each') putter.answer('accepted');
        else {
          putter.asked = this.lastId();
          this.unconfirmed.push(putter);
        }
      });
    if (this.unconfirmed.length > 0 || this.line.wants > 0) this.sendBlock();
    this.want();
  }

  /**
   * Tells its home how many puts wait: more at once; fewer when the turn is over, since while items flow the next put that
   * waits takes the place of the one that need not.
   */
  private want(): void {
    if (this.line.wants > this.demanded) this.sendWant();
    else if (this.line.wants < this.demanded && !this.wantOpen) {
      this.wantOpen = true;
      this.runtime.defer(this.endWant);
    }
  }

  private sendWant(): void {
    if (this.gone !== undefined) return;
    const more = this.line.wants - this.demanded;
    this.demanded += more;
    this.link.post([TO_HOME.WANT, more]);
  }

  private readonly endWant = (): void => {
    this.wantOpen = false;
    if (this.line.wants !== this.demanded) this.sendWant();
  };

  /** Accepts one item against a credit. */
  private append(value: unknown, moved: boolean): void {
    this.credits--;
    this.sequence++;
    this.block.add(value, moved);
    if (!this.turnOpen) {
      this.turnOpen = true;
      this.turnStart = this.sequence;
      this.runtime.defer(this.endTurn);
      if (!this.busy) this.sendBlock();
    } else if (this.block.full) this.sendBlock();
  }

  private readonly endTurn = (): void => {
    this.turnOpen = false;
    this.busy = this.sequence > this.turnStart;
    if (this.gone === undefined) this.sendBlock();
  };

  private keep(value: unknown, meta: PutMeta | undefined): unknown {
    if (meta?.transfer === undefined) return fix(value);
    if (this.spec.redelivery === 'required') throw transferRefused(this.spec.name);
    return move(value, meta.transfer);
  }

  /** A value that was fixed when its put joined the line: `judged` has since spoken of others. */
  private refixed(value: unknown): unknown {
    judged.buffer = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? value.buffer : undefined;
    judged.weight = value instanceof Uint8Array ? value.byteLength : 64;
    judged.rich = holdsErrors(value);
    return value;
  }

  private lastId(): string {
    return `${this.id}#${String(this.sequence - 1)}`;
  }

  /** Puts all of a putter's values by one question, since only their home knows what becomes of them. */
  private askAll(putter: Putter): void {
    this.sendBlock();
    for (const value of putter.values) {
      const moved = putter.meta?.transfer !== undefined;
      this.block.add(moved ? this.keep(value, putter.meta) : this.refixed(value), moved);
    }
    putter.next = putter.values.length;
    const answers = this.ask();
    putter.asked = this.lastId();
    answers.then(
      (known) => {
        for (const answer of known) putter.answer(answer as PutAnswer);
      },
      (error: unknown) => {
        putter.fail(putUncertain(putter.asked ?? '', error));
      },
    );
  }

  /** Sends the open block, which needs no credit, as a question. */
  private ask(): Promise<readonly string[]> {
    const { count } = this.block;
    const sequence = this.sequence;
    this.sequence += count;
    const { block, transfer } = this.block.cut(this.epoch, sequence);
    return this.request<readonly string[]>(TO_HOME.ASK, block, transfer);
  }

  private askSeen(putter: Putter, id: string): void {
    this.request<boolean>(TO_HOME.SEEN, [id]).then(
      (seen) => {
        if (this.left.has(putter)) return;
        if (!seen) this.join(putter);
        else for (const _ of putter.values) putter.answer('accepted');
      },
      (error: unknown) => {
        putter.fail(error);
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
