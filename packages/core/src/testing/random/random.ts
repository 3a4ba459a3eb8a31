import { ConformanceError } from '../assert.js';
import { type ConformanceCase, crashes } from '../case.js';
import type { TransportUnderTest } from '../target.js';
import { plans } from './commands.js';
import { runPlan } from './run.js';

function replay({ seed, path }: TransportUnderTest): { seed?: number; path?: string } {
  return { ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) };
}

/** Random sequences of commands, judged by the model: needs the package fast-check. */
export function randomCase(target: TransportUnderTest): ConformanceCase {
  const runs = target.runs ?? 1000;
  return {
    rule: 'all',
    name: `all rules: ${runs} random sequences, judged by the model`,
    run: async () => {
      const fc = await import('fast-check').catch((cause: unknown) => {
        throw new ConformanceError(
          'The random sequences need the package fast-check: install it beside @millrace/core.',
          { cause },
        );
      });
      const { overflow, acknowledge, gate } = target.manifest;
      const arbitrary = plans(fc, { crashes: crashes(target), overflow, acknowledge, gate });
      await fc.assert(
        fc.asyncProperty(arbitrary, fc.scheduler(), (plan, scheduler) =>
          runPlan(target, plan, scheduler),
        ),
        { numRuns: runs, includeErrorInReport: true, ...replay(target) },
      );
    },
  };
}
