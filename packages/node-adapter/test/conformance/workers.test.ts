import { workerConformance } from '@millrace/core/testing';
import { describe, it } from 'vitest';
import { threadWorkersTarget } from './worker-target.ts';

describe('workers in threads', () => {
  for (const { name, run } of workerConformance(threadWorkersTarget({ starts: 100 }))) it(name, run, 120_000);
});
