import type { StandardSchema } from '@millrace/core';
import { conformance, memoryTarget, simulatedLinksTarget } from '@millrace/core/testing';
import { describe, test } from 'vitest';

import { checkedTarget, type Schemas } from './checked-target.js';
import { seeded } from './seeded.js';

function schema(make: (value: unknown) => unknown): StandardSchema<unknown, unknown> {
  return {
    '~standard': { version: 1, vendor: 'by hand', validate: (value) => ({ value: make(value) }) },
  };
}

function later({
  '~standard': standard,
}: StandardSchema<unknown, unknown>): StandardSchema<unknown, unknown> {
  return { '~standard': { ...standard, validate: async (value) => standard.validate(value) } };
}

const same = schema((value) => value);
const atOnce: Schemas = { name: 'checked at once', put: same, take: same };
const slowly: Schemas = { name: 'checked later', put: later(same), take: later(same) };

/** While a check takes its time the item is neither accepted nor fixed. */
const NOT_LATER = [
  'Q12 flush and close confirm all: the home has it when they resolve',
  'Q16 the value is fixed during put: changing it afterwards changes nothing, whether it waited or not',
];

describe.each([
  checkedTarget(memoryTarget(), atOnce, true),
  checkedTarget(memoryTarget(), slowly, false),
  checkedTarget(simulatedLinksTarget({ runs: 300 }), atOnce, false),
  checkedTarget(simulatedLinksTarget({ runs: 300 }), slowly, false),
])('$name', (target) => {
  for (const { name, run } of conformance(seeded(target)))
    if (!target.name.endsWith(slowly.name) || !NOT_LATER.includes(name))
      test(name, { timeout: 180_000 }, run);
});
