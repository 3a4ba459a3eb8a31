// npm run demo -- ARGS: the main job, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';

await runBuilt({ name: '@millrace/examples', file: 'apps/examples/dist/main-job/main.js' });
