import { packageConfig } from '../../vitest.shared.js';

export default packageConfig('redis-adapter', {
  globalSetup: './test/support/global-setup.ts',
  // Servers and processes start slowly on a busy machine: only what hangs is to be ended.
  patience: 120_000,
});
