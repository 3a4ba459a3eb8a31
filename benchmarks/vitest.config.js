import { browserVariables } from '../scripts/browsers.mjs';
import { packageConfig } from '../vitest.shared.js';

const shared = packageConfig('benchmarks');

export default { ...shared, test: { ...shared.test, env: browserVariables() } };
