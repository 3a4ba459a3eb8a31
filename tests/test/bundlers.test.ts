// One app, whose source is the same for all, built by each bundler from the packed packages as its users would, and opened
// in browsers. Each bundler's folder has what it needs to be told.
import {
  cpSync,
  existsSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Installation } from './support/package.js';
import { here } from './support/places.js';
import { npmEnv, type Outcome, run } from './support/run.js';
import { type Browser, type Engine, openBrowser } from './support/browser.js';

const LONG = 120_000;
const bundlers = ['vite', 'webpack', 'rspack', 'esbuild', 'parcel'] as const;
type Bundler = (typeof bundlers)[number];

const engines = ['chromium', 'firefox'] as const;
const browsers: Partial<Record<Engine, Browser>> = {};
const there = new Installation(['@millrace/core', '@millrace/browser-adapter']);
beforeAll(async () => {
  // They come up while there is something else to wait for.
  for (const engine of engines) browsers[engine] = await openBrowser(engine);
  await there.install();
  for (const bundler of bundlers)
    for (const from of ['app', bundler])
      cpSync(path.join(here, 'test', 'bundlers', from), place(bundler), { recursive: true });
  // webpack's configuration imports it; the others have all that they need.
  symlinkSync(
    realpathSync(path.join(here, 'node_modules', 'esbuild-loader')),
    there.place('esbuild-loader'),
    'junction',
  );
}, LONG);

afterAll(async () => {
  try {
    await Promise.all(Object.values(browsers).map((browser) => browser.close()));
  } finally {
    there.remove();
  }
});

it('is checked by its types alone, as bundlers resolve them', { timeout: LONG }, () => {
  expect(there.check('vite')).toEqual([]);
});

describe.each(bundlers)('built by %s', (bundler) => {
  let built: Outcome;
  beforeAll(async () => {
    built = await build(bundler);
  }, LONG);

  it('it has nothing to be warned of', () => {
    const { code, stdout, stderr } = built;
    expect(code, stderr + stdout).toBe(0);
    expect(stderr + stdout).not.toMatch(/warn/i);
  });

  const pages = engines.flatMap((engine) => [
    { engine, isolated: false },
    { engine, isolated: true },
  ]);
  it.each(pages)(
    'its workers start, work and end, in $engine, isolated: $isolated',
    async ({ engine, isolated }) => {
      const dist = path.join(place(bundler), 'dist');
      const last = 'the page is done';
      const { report, said, missing } = await browsers[engine]!.visit(dist, isolated, last, 60_000);
      const { items = [], ...rest } = report as { items?: readonly number[] };
      expect({ ...rest, said, missing }).toEqual({
        result: 'produced in [object DedicatedWorkerGlobalScope]',
        messages: ['squared in [object DedicatedWorkerGlobalScope]'],
        workers: 0,
        isolated,
        said: ['a worker begins', last],
        missing: [],
      });
      expect(items.filter((item, i) => item !== (i + 1) ** 2)).toEqual([]);
      expect(items).toHaveLength(5000);
    },
    LONG,
  );
});

function place(bundler: Bundler): string {
  return path.join(there.folder, bundler);
}

/** Runs the bundler's `npm run build`. */
async function build(bundler: Bundler): Promise<Outcome> {
  const cwd = place(bundler);
  const { scripts }: { scripts: { build: string } } = JSON.parse(
    readFileSync(path.join(cwd, 'package.json'), 'utf8'),
  );
  const bins = [path.join(here, 'node_modules', '.bin'), path.dirname(process.execPath)];
  const PATH = [...bins, npmEnv['PATH']].join(path.delimiter);
  // What Vitest says of itself here would make it another build than a user's.
  const env = { ...npmEnv, NODE_ENV: undefined, VITEST: undefined, PATH };
  const built = await run(scripts.build, [], { cwd, env, shell: true, limit: 60_000 });
  const page = path.join(cwd, 'dist', 'index.html');
  // To those that begin with a script, the page is just another file.
  if (!existsSync(page)) {
    const source = readFileSync(path.join(cwd, 'index.html'), 'utf8');
    writeFileSync(page, source.replace('./src/page.ts', './page.js'));
  }
  return built;
}
