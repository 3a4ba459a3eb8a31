// npm run bench -- ARGS: the benchmarks, from a fresh clone.
import { runBuilt, toolEnv, toolNode } from './bootstrap.mjs';
import { browserVariables, ensureBrowsers } from './browsers.mjs';
import { ensureRedis } from './redis.mjs';

const program = { name: '@millrace/benchmarks', file: 'benchmarks/dist/main.js' };
const { argv } = process;
/** @param {string} suite */
const asked = (suite) => argv.some((word) => word === suite || word === `--suite=${suite}`);

if (asked('redis')) await ensureRedis();
if (asked('browser')) {
  await ensureBrowsers();
  // What is measured runs in the browser; what drives that wants a newer Node than the user's may be.
  await runBuilt({ ...program, node: toolNode, env: { ...toolEnv, ...browserVariables() } });
} else await runBuilt(program);
