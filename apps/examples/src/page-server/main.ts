/** Serves the page that one can watch, until it is told to end. `--help` lists the options. */
import { parseArgs } from 'node:util';

import { readArgs, whole } from '../shared/options.js';
import { onStopSignal, runProgram } from '../shared/run-program.js';
import { pageFolder, servePage } from './serve.js';

const usage = `A page on which producers, a queue and consumers can be watched, in real Web Workers.

  --port N                    where it is served on this machine (default: any port that is free)
  --build                     only builds it, and says where its files are: any web server can serve them
`;

const options = {
  port: { type: 'string' },
  build: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

await runProgram(async () => {
  const given = readArgs(() => parseArgs({ args: process.argv.slice(2), options }).values);
  if (given.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (given.build === true) {
    process.stdout.write(`${pageFolder}\n`);
    return 0;
  }
  const port = whole('port', given.port, { default: 0, min: 0, max: 65_535 });
  const site = await servePage(port);
  await new Promise<void>((resolve) => {
    const stopListening = onStopSignal(() => {
      stopListening();
      resolve();
    });
    process.stdout.write(`Millrace is to be seen at ${site.url}\nCtrl-C ends it.\n`);
  });
  await site.close();
  return 0;
});
