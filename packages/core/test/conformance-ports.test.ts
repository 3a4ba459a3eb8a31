import { conformance, simulatedLinksTarget } from '@millrace/core/testing';
import { describe, test } from 'vitest';

import { messageChannelTarget } from './message-channel-target.js';

describe.each([simulatedLinksTarget(), messageChannelTarget()])('$name', (target) => {
  for (const { name, run } of conformance(target)) test(name, { timeout: 120_000 }, run);
});
