import { mergeConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

import { packageConfig } from '../../vitest.shared.js';

/** What takes longest begins first: the storm lasts for minutes, whatever else is done meanwhile. */
class LongestFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId = '' }) => moduleId.endsWith('/storm.test.ts');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default mergeConfig(
  packageConfig('redis-adapter', {
    globalSetup: './test/support/global-setup.ts',
    // Servers and processes start slowly on a busy machine: only what hangs is to be ended.
    patience: 120_000,
  }),
  // The storm has a worker of its own, in which it mostly waits.
  { test: { maxWorkers: 3, sequence: { sequencer: LongestFirst } } },
);
