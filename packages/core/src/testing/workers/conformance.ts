import type { ConformanceCase } from '../case.js';
import { bindWorkers, type WorkerCaseSpec } from './case.js';
import { batches } from './cases/batches.js';
import { crashing } from './cases/crashing.js';
import { errors } from './cases/errors.js';
import { feeds } from './cases/feeds.js';
import { hooks } from './cases/hooks.js';
import { making } from './cases/making.js';
import { messages } from './cases/messages.js';
import { repeating } from './cases/repeating.js';
import { restarting } from './cases/restarting.js';
import { retrying } from './cases/retrying.js';
import { states } from './cases/states.js';
import { stopping } from './cases/stopping.js';
import { subscribers } from './cases/subscribers.js';
import { supervising } from './cases/supervising.js';
import type { WorkersUnderTest } from './target.js';

const SPECS: readonly WorkerCaseSpec[] = [...states, ...hooks, ...making, ...subscribers, ...messages, ...batches, ...stopping, ...feeds, ...errors, ...retrying, ...restarting, ...crashing, ...supervising, ...repeating];

/**
 * The rules for workers that run by themselves as cases to run against a transport, as far as its manifest says that they
 * apply. A case rejects when the rule is broken, and when it leaves a worker, a queue, a promise or a timer behind.
 *
 * @example
 * ```ts
 * import { memoryWorkersTarget, workerConformance } from '@millrace/core/testing';
 * import { test } from 'vitest';
 *
 * for (const { name, run } of workerConformance(memoryWorkersTarget())) test(name, run);
 * ```
 */
export function workerConformance(target: WorkersUnderTest): ConformanceCase[] {
  return SPECS.filter(({ when }) => when === undefined || when(target)).map((spec) => bindWorkers(target, spec));
}
