import {
  type ConformanceCase,
  conformance,
  messageChannelTarget,
  sharedMemoryTarget,
  workerConformance,
  workersTarget,
  type WorkersUnderTest,
} from '@millrace/core/testing';
import { browserWorkers } from '@millrace/browser-adapter';
import { activity, inSharedMemory } from './shared-transport.ts';
import { byUrl } from './transport.ts';

/** Starts of a worker, and random sequences of operations, take their time: few suffice where Node has tried many. */
const [STARTS, RUNS] = [10, 10];

/** What depends on workers that wait, wake each other and end. */
const WAKING = new Set(['Q1', 'Q5', 'Q7', 'Q11', 'Q12', 'Q13', 'Q14', 'Q20', 'all']);

const runners: WorkersUnderTest = {
  name: 'Web Workers',
  manifest: byUrl().manifest,
  deaths: ['exit', 'uncaught'],
  tellsMissing: false,
  starts: STARTS,
  flushes: 100,
  create: () => {
    const transport = byUrl(browserWorkers());
    return {
      transport,
      leftovers: () =>
        transport.health().workers > 0 ? [`${String(transport.health().workers)} workers`] : [],
      dispose: () => transport.close(),
    };
  },
};

function overSharedMemory(): ConformanceCase[] {
  const target = workersTarget('Web Workers in shared memory', inSharedMemory, {
    runs: RUNS,
    activity,
  });
  return conformance(target).filter(({ rule }) => rule !== 'Q16');
}

/** The values of Q16 meet the calls' own crossing before a queue's: `values.test.ts` has them. */
function overPorts(): ConformanceCase[] {
  const target = workersTarget('Web Workers', byUrl, { runs: RUNS });
  return conformance(target).filter(({ rule }) => rule !== 'Q16');
}

export const suites = {
  /** The port channel, with both ends in one page or worker. */
  ports: () => conformance(messageChannelTarget({ runs: 100 })),
  /** Endpoints in Web Workers: what depends on workers that wake each other, and on their ends; and all rules. */
  endpoints: () => overPorts().filter(({ rule }) => WAKING.has(rule)),
  allEndpoints: overPorts,
  /** The same in shared memory. */
  shared: () => overSharedMemory().filter(({ rule }) => WAKING.has(rule)),
  allShared: overSharedMemory,
  /** All rules in the memory that this engine shares, with both ends in one page or worker. */
  sharedHere: () => conformance(sharedMemoryTarget({ runs: 1000 })),
  /** Workers that run by themselves. */
  workers: () => workerConformance(runners),
} satisfies Record<string, () => ConformanceCase[]>;

export type Suite = keyof typeof suites;
