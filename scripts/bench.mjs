// npm run bench -- ARGS: the benchmarks, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';
import { ensureRedis } from './redis.mjs';

if (process.argv.some((word) => word === 'redis' || word === '--suite=redis')) await ensureRedis();
await runBuilt({ name: '@millrace/benchmarks', file: 'benchmarks/dist/main.js' });
