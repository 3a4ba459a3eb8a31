// npm run soak -- ARGS: the long-running checks, from a fresh clone.
import path from 'node:path';

import { bootstrap, quietly, root, run, runBuilt, toolNode, turbo } from './bootstrap.mjs';
import { ensureRedis } from './redis.mjs';

const args = process.argv.slice(2);
const asksFor = (suite) => args.includes(suite) || args.includes(`--suite=${suite}`);
if (asksFor('redis')) await soakRedis();
else if (asksFor('shared')) await soakShared();
else await runBuilt({ name: '@millrace/benchmarks', file: 'benchmarks/dist/soak.js' });

/** Schedules of shared memory's own source, which is read as it is: nothing has to be built. */
async function soakShared() {
  await bootstrap();
  const cwd = path.join(root, 'packages', 'core');
  const file = path.join('test', 'channels', 'shared', 'explore', 'soak.ts');
  process.exit(await run(toolNode(), [file, ...args], { cwd }));
}

/** The tests' own storm, which is TypeScript that the Node for the tools runs as it is. */
async function soakRedis() {
  await ensureRedis();
  await bootstrap();
  await quietly('Building', (onOutput) =>
    turbo(['build', '--filter=@millrace/redis-adapter', '--output-logs=errors-only'], { onOutput }),
  );
  const cwd = path.join(root, 'packages', 'redis-adapter');
  const file = path.join('test', 'faults', 'soak.ts');
  process.exit(await run(toolNode(), [file, ...args], { cwd }));
}
