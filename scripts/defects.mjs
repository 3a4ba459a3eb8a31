// npm run defects: breaks one rule of core at a time, in a copy, and shows which case of the
// conformance suite notices. Fails if one goes unnoticed, if the suite does not pass on the code as
// it is, or if a defect no longer fits the code.
// Options: --only <words> (in rule, file or text), --runs <random sequences for each>.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { bootstrap, root } from './bootstrap.mjs';
import { channelDefects } from './defects/channels.mjs';
import { contractDefects } from './defects/contracts.mjs';
import { memoryDefects } from './defects/memory.mjs';
import { workerDefects } from './defects/workers.mjs';

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, runs: { type: 'string', default: '300' } },
});

await bootstrap();
// esbuild comes with tsup.
const fromTsup = createRequire(createRequire(path.join(root, 'package.json')).resolve('tsup'));
/** @type {{ build: (options: any) => Promise<unknown> }} */
const esbuild = (await import(pathToFileURL(fromTsup.resolve('esbuild')).href)).default;

const WATCHDOG = 90_000;
const core = path.join(root, 'packages', 'core');
// Within the package, so that its dependencies are found from there.
const work = path.join(core, 'node_modules', '.cache', 'defects');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const copy = path.join(work, 'src');
cpSync(path.join(core, 'src'), copy, { recursive: true });

const only = options.only?.toLowerCase();
const defects = [...memoryDefects, ...channelDefects, ...contractDefects, ...workerDefects].filter(
  ({ rule, file, about }) =>
    only === undefined || `${rule} ${file} ${about}`.toLowerCase().includes(only),
);

const misfits = defects.flatMap(({ rule, file, find, about }) => {
  const found = readFileSync(path.join(copy, file), 'utf8').split(find).length - 1;
  return found === 1 ? [] : [`${rule} ${about}: found ${String(found)} times in ${file}: ${find}`];
});
if (misfits.length > 0) {
  console.error(`These no longer fit the code:\n${misfits.join('\n')}`);
  process.exit(1);
}

const began = performance.now();
console.log('As it is:');
const all = [...new Set(defects.flatMap(({ targets = ['memory'] }) => targets))];
const sound = await atOnce(all, async (target) => {
  const caught = await judge(`sound-${String(all.indexOf(target))}`, undefined, '', [target]);
  console.log(`  ${target}: ${caught === undefined ? 'passes' : `FAILS: ${caught}`}`);
  return caught === undefined;
});
if (sound.includes(false)) process.exit(1);

const outcomes = await atOnce(defects, (defect, i) =>
  judge(String(i), defect, defect.rule, defect.targets ?? ['memory']),
);
const width = Math.max(...defects.map(({ about }) => about.length));
for (const [i, { rule, about }] of defects.entries())
  console.log(`${rule.padEnd(4)} ${about.padEnd(width)}  ${outcomes[i] ?? 'MISSED'}`);
const missed = outcomes.filter((caught) => caught === undefined).length;
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  `\n${String(defects.length - missed)} of ${String(defects.length)} defects caught, in ${seconds} s`,
);
rmSync(work, { recursive: true, force: true });
process.exitCode = missed === 0 ? 0 : 1;

/**
 * Builds the suite with the defect in it and runs it: what caught it, or undefined.
 *
 * @param {string} id
 * @param {import('./defects/types.d.mts').Defect | undefined} defect
 * @param {string} rule
 * @param {readonly string[]} targets
 * @returns {Promise<string | undefined>}
 */
async function judge(id, defect, rule, targets) {
  const bundle = path.join(work, `${id}.mjs`);
  const broken = {
    name: 'broken',
    setup(/** @type {any} */ build) {
      if (defect === undefined) return;
      const file = path.join(copy, defect.file);
      build.onLoad({ filter: /\.ts$/ }, (/** @type {{ path: string }} */ { path: loaded }) => {
        if (loaded !== file) return undefined;
        const text = readFileSync(file, 'utf8');
        return { contents: text.replace(defect.find, () => defect.replace), loader: 'ts' };
      });
    },
  };
  await esbuild.build({
    entryPoints: [path.join(copy, 'testing', 'index.ts')],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['fast-check'],
    plugins: [broken],
    logLevel: 'error',
  });
  return runSuite([bundle, options.runs, rule, ...targets]);
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>}
 */
function runSuite(args) {
  return new Promise((resolve) => {
    const script = path.join(root, 'scripts', 'defects', 'run-one.mjs');
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    const watchdog = setTimeout(() => child.kill('SIGKILL'), WATCHDOG);
    child.on('exit', (code) => {
      clearTimeout(watchdog);
      if (code === 0) resolve(undefined);
      else resolve(said.trim() === '' ? 'it hangs' : said.trim());
    });
  });
}

/**
 * Several at a time, each on a core of its own; results in order.
 *
 * @template Of, Result
 * @param {readonly Of[]} items
 * @param {(item: Of, i: number) => Promise<Result>} act
 * @returns {Promise<Result[]>}
 */
async function atOnce(items, act) {
  /** @type {Result[]} */
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await act(/** @type {Of} */ (items[i]), i);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  return results;
}
