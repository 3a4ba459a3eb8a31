// node scripts/turbo.mjs TASK...: turbo tasks, from a fresh clone.
import { bootstrap, turbo } from './bootstrap.mjs';

await bootstrap();
process.exit(await turbo(process.argv.slice(2)));
