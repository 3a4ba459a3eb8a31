import { conformance, sharedMemoryTarget } from '@millrace/core/testing';
import { describe, test } from 'vitest';

import { seeded } from './seeded.js';

describe.each([
  sharedMemoryTarget({ runs: 10_000 }),
  sharedMemoryTarget({ bytes: 4096, runs: 300 }),
])('$name', (target) => {
  for (const { name, run } of conformance(seeded(target))) test(name, { timeout: 180_000 }, run);
});
