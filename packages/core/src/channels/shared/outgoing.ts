import type { BlockExtra } from '../ports/messages.js';
import { packBlock, packing } from '../packed/index.js';
import { giveSpare } from '../values/spare.js';
import type { Body } from './items.js';

/** From so many bytes on for each value, it costs less to move them to the host than to copy them twice. */
const HEAVY = 16 * 1024;

/** Has the host keep what is not packed, and answers by which name. */
export type Keep = (values: unknown[], extra: BlockExtra | undefined, transfer?: readonly object[]) => number;

/**
 * A block on its way into shared memory. It is packed when it is its turn, and again if it could not be stored and others were
 * packed in the same place since: that costs less than a place of its own.
 */
export class Outgoing {
  private body: Body | undefined;
  private packed = 0;
  private readonly values: unknown[];
  private readonly extra: BlockExtra | undefined;
  private readonly transfer: readonly object[] | undefined;
  private readonly toHost: () => boolean;

  /** @param toHost - whether all who take are in the host's thread */
  constructor(values: unknown[], extra: BlockExtra | undefined, transfer: readonly object[] | undefined, toHost: () => boolean) {
    this.toHost = toHost;
    this.values = values;
    this.extra = extra;
    this.transfer = transfer;
  }

  get isReady(): boolean {
    return typeof this.body === 'number' || (this.body !== undefined && this.packed === packing.blocks);
  }

  /** How many bytes it was packed into; 0 where the host keeps it. */
  get bytes(): number {
    return typeof this.body === 'object' ? this.body.length : 0;
  }

  ready(keep: Keep): Body {
    if (this.isReady) return this.body!;
    const packed = this.isHeavy && this.toHost() ? undefined : packBlock(this.values, this.extra);
    this.packed = packing.blocks;
    return (this.body = packed ?? keep(this.values, this.extra, this.transfer));
  }

  private get isHeavy(): boolean {
    let bytes = 0;
    for (const object of this.transfer ?? []) if (object instanceof ArrayBuffer) bytes += object.byteLength;
    return bytes >= HEAVY * this.values.length;
  }

  /** It found no room. Answers whether the host did not keep it already. */
  goByHost(keep: Keep): boolean {
    if (typeof this.body === 'number') return false;
    this.body = keep(this.values, this.extra, this.transfer);
    return true;
  }

  /** It is stored: of values that were packed, which are copies, nobody has the buffers any more. */
  stored(): void {
    if (typeof this.body === 'object' && this.transfer !== undefined) giveSpare(this.transfer);
  }
}
