import {
  checkedTarget,
  conformance,
  memoryTarget,
  simulatedLinksTarget,
} from '@millrace/core/testing';
import { describe, test } from 'vitest';

import { seeded } from './seeded.js';

describe.each([
  checkedTarget(memoryTarget(), 'at once'),
  checkedTarget(memoryTarget(), 'later'),
  checkedTarget(simulatedLinksTarget({ runs: 300 }), 'at once'),
  checkedTarget(simulatedLinksTarget({ runs: 300 }), 'later'),
])('$name', (target) => {
  for (const { name, run } of conformance(seeded(target))) test(name, { timeout: 180_000 }, run);
});
