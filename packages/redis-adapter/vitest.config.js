import { packageConfig } from '../../vitest.shared.js';

export default packageConfig('redis-adapter', { globalSetup: './test/support/global-setup.ts' });
