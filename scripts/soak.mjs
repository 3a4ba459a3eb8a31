// npm run soak -- ARGS: the long-running check, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';

await runBuilt({ name: '@millrace/benchmarks', file: 'benchmarks/dist/soak.js' });
