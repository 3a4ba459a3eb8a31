// npm run demo -- [PROGRAM] ARGS: an example program, the main job if none is named, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';

const named = ['main-job', 'crawler', 'count', 'sensor', 'conversation', 'telemetry', 'kitchen'].find(
  (program) => program === process.argv[2],
);
if (named !== undefined) process.argv.splice(2, 1);

const program = named ?? 'main-job';
await runBuilt({ name: '@millrace/examples', file: `apps/examples/dist/${program}/main.js` });
