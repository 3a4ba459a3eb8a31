import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'tsup';

const cache = fileURLToPath(new URL('../../node_modules/.cache/workers/', import.meta.url));

/**
 * Bundles all modules of workers that core's suites start into one file, as a user's bundler would: hundreds of workers
 * start in half the time when none has to fetch twenty files. A worker's name says which of the modules it serves.
 */
export async function bundleWorkers() {
  const entry = path.join(cache, 'any.worker.entry.js');
  const serve = fileURLToPath(import.meta.resolve('@millrace/browser-adapter/worker'));
  // Of the files that bundlers see, not of those that are resolved for Node: a worker is to have one core.
  const modules = fileURLToPath(
    new URL('./modules/testing/workers/modules/', import.meta.resolve('@millrace/core')),
  );
  const loads = readdirSync(modules)
    .filter((file) => file.endsWith('.js'))
    .map((file) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(modules + file)}),`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    entry,
    `import { serveWorker } from ${JSON.stringify(serve)};
const modules = {
${loads.join('\n')}
};
serveWorker(modules[self.name.slice(self.name.lastIndexOf('/') + 1)] ?? (() => import(self.name)));
`,
  );
  await build({
    config: false,
    entry: { 'any.worker': entry },
    outDir: cache,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    noExternal: [/./],
    splitting: false,
    esbuildOptions: (options) => {
      // Names stay: stacks are looked at.
      options.minifyWhitespace = true;
      options.minifySyntax = true;
    },
    silent: true,
  });
}
