// npm run page -- ARGS: the page on which a queue can be watched, from a fresh clone.
import { runBuilt } from './bootstrap.mjs';

await runBuilt({ name: '@millrace/examples', file: 'apps/examples/dist/page-server/main.js' });
