import type { ItemHeaders, PutMeta } from '../../transport/backend.js';
import type { Clone } from '../values/clone.js';
import { packErrors } from '../values/errors.js';
import { fix, isRich, judged, move } from '../values/fix.js';
import { packReason } from '../values/reason.js';
import { transferablesOf } from '../values/survey.js';
import { packBody } from './columns.js';
import type { ArrivedValues, OpenBlock, ValueForm } from './form.js';
import { BLOCK_BYTES, BLOCK_ITEMS, type BlockExtra } from './messages.js';
import { readBlock } from './read-block.js';

/**
 * Values as structured clone carries them: the body of a block is an array of them.
 *
 * @param clone - where the other side cannot be given all that structured clone copies here
 * @param pack - makes the body of a block's values
 */
export function cloneFormBy(clone?: Clone, pack = packBody): ValueForm {
  return Object.freeze({
    fix: (value: unknown, at?: string) => fix(value, at, clone, true),
    open: () => new CloneBlock(clone, pack),
    read: (message: readonly unknown[], at: number) => {
      const { count, sequence, values, headers, extra } = readBlock(message, at);
      return { count, sequence, values: new ClonedValues(values, headers), extra };
    },
    packReason,
  });
}

export const cloneForm = cloneFormBy();

/** Its values were copied when they were put, so that it owns all of them. */
class CloneBlock implements OpenBlock {
  private readonly clone: Clone | undefined;
  private readonly pack: typeof packBody;
  private values: unknown[] = [];
  private rich: number[] = [];
  private moved: number[] = [];
  private owned: object[] = [];
  private headers: [index: number, headers: ItemHeaders][] = [];
  private weight = 0;

  constructor(clone: Clone | undefined, pack: typeof packBody) {
    this.clone = clone;
    this.pack = pack;
  }

  get count(): number {
    return this.values.length;
  }

  get full(): boolean {
    return this.values.length >= BLOCK_ITEMS || this.weight >= BLOCK_BYTES;
  }

  put(value: unknown): void {
    this.push(fix(value, '', this.clone, true));
  }

  add(fixed: unknown, meta: PutMeta | undefined): void {
    const at = this.values.length;
    if (meta?.transfer === undefined) this.push(refixed(fixed));
    else {
      judged.buffer = undefined;
      const value = move(fixed, meta.transfer);
      judged.buffer = undefined;
      this.push(value);
      this.moved.push(at);
      for (const object of transferablesOf(value)) this.owned.push(object);
    }
    if (meta?.headers !== undefined) this.headers.push([at, meta.headers]);
  }

  /** A value that has just been fixed or moved: `judged` speaks of it. */
  private push(value: unknown): void {
    if (judged.buffer !== undefined) this.owned.push(judged.buffer);
    this.weight += judged.weight;
    if (judged.rich) {
      this.rich.push(this.values.length);
      this.values.push(packErrors(value));
    } else this.values[this.values.length] = value;
  }

  cut(epoch: number, sequence: number): { block: readonly unknown[]; transfer: readonly object[] } {
    const { values, owned } = this;
    const extra: BlockExtra | undefined =
      this.rich.length + this.moved.length + this.headers.length === 0
        ? undefined
        : { rich: this.rich, moved: this.moved, headers: this.headers };
    this.values = [];
    this.owned = [];
    this.weight = 0;
    if (extra !== undefined) {
      this.rich = [];
      this.moved = [];
      this.headers = [];
    }
    const { codec, body } = this.pack(values);
    return { block: [codec, values.length, epoch, sequence, body, extra], transfer: owned };
  }
}

class ClonedValues implements ArrivedValues {
  private readonly values: unknown[];
  private readonly all: ReadonlyMap<number, ItemHeaders> | undefined;

  constructor(values: unknown[], headers: ReadonlyMap<number, ItemHeaders> | undefined) {
    this.values = values;
    this.all = headers;
  }

  take(index: number): unknown {
    const value = this.values[index];
    // Nothing here holds on to a value that has been handed out.
    this.values[index] = undefined;
    return value;
  }

  takeRun(from: number, to: number): unknown[] {
    const run = this.values.slice(from, to);
    this.values.fill(undefined, from, to);
    return run;
  }

  headers(index: number): ItemHeaders | undefined {
    return this.all?.get(index);
  }
}

/** A value that was fixed when its put joined the line: `judged` has since spoken of others. */
function refixed(value: unknown): unknown {
  judged.buffer = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? value.buffer : undefined;
  judged.weight = value instanceof Uint8Array ? value.byteLength : typeof value === 'string' ? value.length : 64;
  judged.rich = isRich(value);
  return value;
}
