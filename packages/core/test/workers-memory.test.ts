import { memoryWorkersTarget, workerConformance } from '@millrace/core/testing';
import { describe, test } from 'vitest';

describe('workers in memory', () => {
  for (const { name, run } of workerConformance(memoryWorkersTarget())) test(name, { timeout: 60_000 }, run);
});
