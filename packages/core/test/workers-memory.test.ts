import { memoryWorkersTarget, workerConformance } from '@millrace/core/testing';
import { describe, test } from 'vitest';

import { measure } from './measure.js';

describe('workers in memory', () => {
  for (const { name, run } of workerConformance(memoryWorkersTarget({ measure }))) test(name, { timeout: 60_000 }, run);
});
