import type { ConformanceCase } from '../case.js';
import { bindWorkers, type WorkerCaseSpec } from './case.js';
import { hooks } from './cases/hooks.js';
import { making } from './cases/making.js';
import { messages } from './cases/messages.js';
import { states } from './cases/states.js';
import { subscribers } from './cases/subscribers.js';
import type { WorkersUnderTest } from './target.js';

const SPECS: readonly WorkerCaseSpec[] = [...states, ...hooks, ...making, ...subscribers, ...messages];

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
