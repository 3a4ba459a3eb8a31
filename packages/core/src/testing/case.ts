import { Bench } from './bench.js';
import { ConformanceError, text } from './assert.js';
import type { TransportUnderTest } from './target.js';

/** A rule of the contract, tried in one way. */
export interface ConformanceCase {
  /** The rule's name in the contract: `Q3`. */
  readonly rule: string;
  /** Begins with the rule. */
  readonly name: string;
  /** Rejects when the transport breaks the rule, or leaves anything behind. */
  run(): Promise<void>;
}

/** A case before it is bound to a transport. */
export interface CaseSpec {
  readonly rule: string;
  readonly name: string;
  /** Whether it applies. Default: always. */
  readonly when?: (target: TransportUnderTest) => boolean;
  readonly run: (t: Bench) => Promise<void>;
}

export const timed = (target: TransportUnderTest): boolean => target.timed ?? true;
export const moves = (target: TransportUnderTest): boolean => target.moves ?? false;
export const crashes = (target: TransportUnderTest): boolean =>
  target.crashes ?? target.manifest.isolation !== 'none';
export const local = (target: TransportUnderTest): boolean =>
  target.local ?? target.manifest.isolation === 'none';
/** What is put is accepted, and fixed, when the call returns. */
export const putsAtOnce = (target: TransportUnderTest): boolean => target.putsLater !== true;
export const copies = (target: TransportUnderTest): boolean =>
  target.manifest.values === 'clone' || target.queue?.clone === true;
export const refers = (target: TransportUnderTest): boolean => !copies(target);
export const transfers = (target: TransportUnderTest): boolean => target.manifest.transfer;
export const onTake = (target: TransportUnderTest): boolean =>
  target.manifest.acknowledge.includes('on-take');
export const headed = (target: TransportUnderTest): boolean => target.manifest.headers !== false;
export const gates = (target: TransportUnderTest): boolean => target.manifest.gate;
export const dropsOldest = (target: TransportUnderTest): boolean =>
  target.manifest.overflow.includes('drop-oldest');
export const dropsNewest = (target: TransportUnderTest): boolean =>
  target.manifest.overflow.includes('drop-newest');

/** Sizes around which blocks are cut. */
export const EDGES = [63, 64, 65, 255, 256, 257];

export function bind(target: TransportUnderTest, spec: CaseSpec): ConformanceCase {
  const name = `${spec.rule} ${spec.name}`;
  return {
    rule: spec.rule,
    name,
    run: async () => {
      const bench = new Bench(target, await target.create({}));
      let failure: unknown;
      try {
        await spec.run(bench);
      } catch (error) {
        failure = error;
      }
      try {
        await bench.finish();
        const left = failure === undefined ? await bench.left() : [];
        if (left.length > 0) failure = new ConformanceError(`left behind: ${left.join('; ')}`);
      } catch (error) {
        failure ??= error;
      }
      if (failure !== undefined)
        throw failure instanceof Error ? failure : new ConformanceError(`threw ${text(failure)}`);
    },
  };
}
