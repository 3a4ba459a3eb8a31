import { ConformanceError, text } from '../assert.js';
import type { ConformanceCase } from '../case.js';
import { WorkerBench } from './bench.js';
import type { Death, WorkersUnderTest } from './target.js';

/** A case before it is bound to a transport. */
export interface WorkerCaseSpec {
  readonly rule: string;
  readonly name: string;
  /** Whether it applies. Default: always. */
  readonly when?: (target: WorkersUnderTest) => boolean;
  readonly run: (t: WorkerBench) => Promise<void>;
}

export const timed = (target: WorkersUnderTest): boolean => target.timed ?? false;
export const isolated = (target: WorkersUnderTest): boolean => target.manifest.isolation !== 'none';
export const shared = (target: WorkersUnderTest): boolean => !isolated(target);
export const copies = (target: WorkersUnderTest): boolean => target.manifest.values === 'clone';
/** Whether what the host says to a worker and what it puts into queues then arrive in that order. */
export const ordered = ({ manifest, ordered: told }: WorkersUnderTest): boolean => told ?? (manifest.isolation === 'none' || manifest.isolation === 'thread');
export const dies =
  (death: Death) =>
  (target: WorkersUnderTest): boolean =>
    (target.deaths ?? (isolated(target) ? ['exit', 'uncaught', 'memory'] : [])).includes(death);

export function bindWorkers(target: WorkersUnderTest, spec: WorkerCaseSpec): ConformanceCase {
  return {
    rule: spec.rule,
    name: `${spec.rule} ${spec.name}`,
    run: async () => {
      const bench = new WorkerBench(target, await target.create());
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
      if (failure !== undefined) throw failure instanceof Error ? failure : new ConformanceError(`threw ${text(failure)}`);
    },
  };
}
