import type { Runtime } from '../../runtime/runtime.js';
import type { PutMeta } from '../../transport/backend.js';
import type { OpenBlock, ValueForm } from './form.js';
import type { Link } from './link.js';
import { TO_HOME } from './messages.js';
import type { Requests } from './requests.js';

/** What a producer has accepted and not sent: a lone item leaves at once, many when the turn is over or a block is full. */
export class Outgoing {
  /** Items accepted so far: the number of the next one. */
  sequence: number;
  epoch: number;
  private readonly link: Link;
  private readonly runtime: Runtime;
  private readonly requests: Requests;
  private readonly block: OpenBlock;
  private turnOpen = false;
  private turnStart = 0;
  /** The last turn brought more than one item: this one will too, and its first can wait for the others. */
  private busy = false;

  constructor(link: Link, form: ValueForm, runtime: Runtime, requests: Requests, epoch: number, sequence: number) {
    this.link = link;
    this.block = form.open();
    this.runtime = runtime;
    this.requests = requests;
    this.epoch = epoch;
    this.sequence = sequence;
  }

  /** Something was accepted in this turn. */
  get inTurn(): boolean {
    return this.turnOpen;
  }

  /** A value that was not fixed yet, as an item that needs no answer. */
  put(value: unknown): void {
    this.block.put(value);
    this.accepted();
  }

  /** The same with one that was fixed before, or is to be moved. */
  append(fixed: unknown, meta: PutMeta | undefined): void {
    this.block.add(fixed, meta);
    this.accepted();
  }

  private accepted(): void {
    this.sequence++;
    if (!this.turnOpen) {
      this.turnOpen = true;
      this.turnStart = this.sequence;
      this.runtime.defer(this.endTurn);
      if (!this.busy) this.send();
    } else if (this.block.full) this.send();
  }

  send(): void {
    const { count } = this.block;
    if (count === 0) return;
    const { block, transfer } = this.block.cut(this.epoch, this.sequence - count);
    this.link.post([TO_HOME.BLOCK, ...block], transfer);
  }

  /** One of the items that the next question is about; `send` has been called before the first. */
  collect(fixed: unknown, meta: PutMeta | undefined): void {
    this.block.add(fixed, meta);
  }

  /** Asks what becomes of the items that were collected. */
  ask(): Promise<readonly string[]> {
    const { count } = this.block;
    const { sequence } = this;
    this.sequence += count;
    const { block, transfer } = this.block.cut(this.epoch, sequence);
    const { request, answer } = this.requests.open<readonly string[]>();
    this.link.post([TO_HOME.ASK, request, ...block], transfer);
    return answer;
  }

  private readonly endTurn = (): void => {
    this.turnOpen = false;
    this.busy = this.sequence > this.turnStart;
    this.send();
  };
}
