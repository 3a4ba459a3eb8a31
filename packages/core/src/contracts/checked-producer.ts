import type { Departure, EndpointToken, ProducerBackend, PutAnswer, PutMeta, Putter } from '../transport/backend.js';
import { type InLine, Line } from '../transport/line.js';
import { endpointBusy, endpointClosed } from '../transport/memory/home-producer.js';
import { type Contract, isKnown, valueOf, type Verdict } from './contract.js';

/** A put whose values are being checked, or that is behind one. */
interface Step extends InLine<Step> {
  /** What is left to do when its turn comes; undefined while its values are being checked. */
  go: (() => void) | undefined;
  readonly fail: (error: unknown) => void;
}

/**
 * Where items are checked before they enter: what does not match the schema is not put. Checks that take time run at once,
 * side by side, and their items are put in the order in which they were offered.
 */
export class CheckedProducer implements ProducerBackend {
  readonly depart?: (via: Departure) => EndpointToken;
  readonly checkDepart?: (via: Departure) => void;
  private readonly inner: ProducerBackend;
  private readonly contract: Contract;
  private readonly line = new Line<Step>();
  private readonly steps = new Map<Putter, Step>();
  /** What `offer` has found out of a value that it could not put, for the `park` that follows. */
  private known: { readonly value: unknown; readonly verdict: Verdict | Promise<Verdict> } | undefined;

  constructor(inner: ProducerBackend, contract: Contract) {
    this.inner = inner;
    this.contract = contract;
    // The endpoint leaves without its checks: a schema cannot travel.
    if (inner.depart === undefined) return;
    this.depart = (via) => inner.depart!(via);
    this.checkDepart = (via) => {
      if (this.line.length > 0) throw endpointBusy(this.id);
      inner.checkDepart?.(via);
    };
  }

  get id(): string {
    return this.inner.id;
  }

  offer(value: unknown): PutAnswer | 'full' | Promise<PutAnswer> {
    if (this.line.length > 0) return 'full';
    const verdict = this.judge(value);
    if (!isKnown(verdict)) {
      this.known = { value, verdict };
      return 'full';
    }
    const answer = this.inner.offer(valueOf(verdict));
    if (answer === 'full') this.known = { value, verdict };
    return answer;
  }

  tryOffer(value: unknown, meta: PutMeta | undefined, still?: () => boolean): PutAnswer | 'full' | Promise<PutAnswer | 'full'> {
    const verdict = this.judge(value);
    if (isKnown(verdict) && this.line.length === 0) return this.inner.tryOffer(valueOf(verdict), meta, still);
    return new Promise((resolve, reject) => {
      this.join([verdict], reject, ([checked]) => {
        resolve(still?.() === false ? 'full' : this.inner.tryOffer(checked, meta, still));
      });
    });
  }

  park(putter: Putter): void {
    const { values, roomOnly } = putter;
    const verdicts = roomOnly ? [] : values.map((value, i) => this.judge(value, values.length > 1 ? i : undefined));
    const enter = (checked: readonly unknown[]): void => {
      if (!roomOnly) putter.values = checked;
      this.inner.park(putter);
    };
    if (this.line.length === 0 && verdicts.every(isKnown)) {
      enter(verdicts.map(valueOf));
      return;
    }
    // Of several that are bad the first is told, and it may not be known yet.
    if (verdicts.every(isKnown)) for (const verdict of verdicts) valueOf(verdict);
    const step = this.join(
      verdicts,
      (error) => {
        this.steps.delete(putter);
        putter.fail(error);
      },
      (checked) => {
        this.steps.delete(putter);
        enter(checked);
      },
    );
    this.steps.set(putter, step);
  }

  unpark(putter: Putter): void {
    const step = this.steps.get(putter);
    if (step === undefined) {
      this.inner.unpark(putter);
      return;
    }
    this.steps.delete(putter);
    this.line.leave(step);
    this.advance();
  }

  flush(): Promise<void> | undefined {
    return this.inner.flush();
  }

  close(): Promise<void> | undefined {
    for (const step of this.line) {
      this.line.leave(step);
      step.fail(endpointClosed(this.id));
    }
    return this.inner.close();
  }

  private judge(value: unknown, index?: number): Verdict | Promise<Verdict> {
    const { known } = this;
    this.known = undefined;
    if (known !== undefined && index === undefined && Object.is(known.value, value)) return known.verdict;
    const { id } = this;
    return index === undefined
      ? this.contract.judge(value, `The item for ${id}`, { endpoint: id })
      : this.contract.judge(value, `Item ${String(index)} of the batch for ${id}`, { endpoint: id, index });
  }

  /** Stands in line until all before it have gone on, and its values are checked. */
  private join(verdicts: readonly (Verdict | Promise<Verdict>)[], fail: (error: unknown) => void, go: (checked: unknown[]) => void): Step {
    const step: Step = { before: undefined, after: undefined, inLine: false, go: undefined, fail };
    this.line.join(step);
    const ready = (known: readonly Verdict[]): void => {
      const bad = known.find(({ error }) => error !== undefined);
      if (bad === undefined)
        step.go = () => {
          go(known.map(valueOf));
        };
      else {
        this.line.leave(step);
        fail(bad.error);
      }
      this.advance();
    };
    if (verdicts.every(isKnown)) ready(verdicts);
    else void Promise.all(verdicts.map(async (verdict) => verdict)).then(ready);
    return step;
  }

  private advance(): void {
    for (let step = this.line.head; step?.go !== undefined; step = this.line.head) {
      this.line.leave(step);
      try {
        step.go();
      } catch (error) {
        step.fail(error);
      }
    }
  }
}
