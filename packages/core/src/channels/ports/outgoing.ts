import type { Runtime } from '../../runtime/runtime.js';
import type { ItemHeaders } from '../../transport/backend.js';
import { judged } from '../values/fix.js';
import { holdsErrors } from '../values/survey.js';
import type { Link } from './link.js';
import { TO_HOME } from './messages.js';
import { OpenBlock } from './open-block.js';
import type { Requests } from './requests.js';

/** What a producer has accepted and not sent: a lone item leaves at once, many when the turn is over or a block is full. */
export class Outgoing {
  /** Items accepted so far: the number of the next one. */
  sequence: number;
  epoch: number;
  private readonly link: Link;
  private readonly runtime: Runtime;
  private readonly requests: Requests;
  private readonly block = new OpenBlock();
  private turnOpen = false;
  private turnStart = 0;
  /** The last turn brought more than one item: this one will too, and its first can wait for the others. */
  private busy = false;

  constructor(link: Link, runtime: Runtime, requests: Requests, epoch: number, sequence: number) {
    this.link = link;
    this.runtime = runtime;
    this.requests = requests;
    this.epoch = epoch;
    this.sequence = sequence;
  }

  /** An item that needs no answer, just fixed or moved. */
  append(value: unknown, moved: boolean, headers?: ItemHeaders): void {
    this.sequence++;
    this.block.add(value, moved, headers);
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
  collect(value: unknown, moved: boolean, headers: ItemHeaders | undefined): void {
    this.block.add(value, moved, headers);
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

/** A value that was fixed when its put joined the line: `judged` has since spoken of others. */
export function refixed(value: unknown): unknown {
  judged.buffer = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? value.buffer : undefined;
  judged.weight = value instanceof Uint8Array ? value.byteLength : 64;
  judged.rich = holdsErrors(value);
  return value;
}
