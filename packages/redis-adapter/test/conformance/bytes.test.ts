import { conformance } from '@millrace/core/testing';
import { describe, test } from 'vitest';
import { bytesLinksTarget } from './bytes-links.ts';

const target = bytesLinksTarget({ runs: 300 });
/** Here the home's own endpoints, which use no link, know nothing of bytes. */
const ABOUT_HOME = ['a consumer with a get that waits cannot be handed over, and goes on', 'what was put here before the endpoint left comes first'];

describe(target.name, () => {
  for (const { name, run } of conformance(target)) {
    if (ABOUT_HOME.some((about) => name.endsWith(about))) continue;
    test(name, { timeout: 180_000 }, run);
  }
});
