import { conformance, memoryTarget } from '@millrace/core/testing';
import { describe, test } from 'vitest';

describe.each([memoryTarget(), memoryTarget({ clone: true })])('$name', (target) => {
  for (const { name, run } of conformance(target)) test(name, { timeout: 120_000 }, run);
});
