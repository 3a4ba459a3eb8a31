// npm run bench -- ARGS: the benchmarks, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';

await runBuilt({ name: '@millrace/benchmarks', file: 'benchmarks/dist/main.js' });
