import { mergeConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

import { packageConfig } from '../../vitest.shared.js';

/**
 * What takes longest begins first, so that no worker is left alone with it at the end: the storm lasts for minutes, whatever else is
 * done meanwhile, and then come the suites in which processes start by the hundred, and those of all rules.
 */
const LONGEST = ['/storm.test.ts', '/conformance/workers-', '/conformance/'];

class LongestFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const sorted = await super.sort(files);
    const rank = ({ moduleId = '' }) => [...LONGEST, ''].findIndex((part) => moduleId.includes(part));
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

export default mergeConfig(
  packageConfig('redis-adapter', {
    globalSetup: './test/support/global-setup.ts',
    // Servers and processes start slowly on a busy machine: only what hangs is to be ended.
    patience: 120_000,
  }),
  // More than there are cores: at times they wait for what ends by itself, a lease, an outage, a time-out. With another, servers
  // of a busy machine answer too late for those who wait 5 s for a connection, as users do.
  { test: { maxWorkers: 3, sequence: { sequencer: LongestFirst } } },
);
