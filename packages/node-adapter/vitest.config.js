import { packageConfig } from '../../vitest.shared.js';

export default packageConfig('node-adapter', { typeTests: true });
