// The tests of browser-adapter run in real browsers. This makes sure that they are here before anything else runs: on
// Debian and Ubuntu, as root, it installs what is missing; elsewhere it says what to install. Chromium and Firefox must
// be there; WebKit is tested where it can be had. `node scripts/browsers.mjs` does just that.
// MILLRACE_INSTALL=no: never install anything.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { root } from './bootstrap.mjs';
import { apt, install, isOffered, mayInstall, onPath } from './packages.mjs';

/**
 * @typedef {object} Engine
 * @property {string} title what its programs are called
 * @property {string} variable the environment variable that may name its program
 * @property {string[]} names what its program is called on the PATH
 * @property {string[]} places where it is when it is not on the PATH
 * @property {string[]} packages what brings it to Debian
 * @property {string[]} beside other programs that it needs
 */

/** @type {Record<'chromium' | 'firefox' | 'webkit', Engine>} */
const engines = {
  chromium: {
    title: 'Chromium or Chrome',
    variable: 'MILLRACE_CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    packages: ['chromium'],
    beside: [],
  },
  firefox: {
    title: 'Firefox',
    variable: 'MILLRACE_FIREFOX',
    names: ['firefox-esr', 'firefox'],
    places: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    packages: ['firefox-esr'],
    beside: [],
  },
  webkit: {
    title: "WebKit's MiniBrowser",
    variable: 'MILLRACE_WEBKIT',
    names: ['MiniBrowser'],
    places: within('/usr/lib').flatMap((folder) =>
      ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].map((one) =>
        path.join(folder, one, 'MiniBrowser'),
      ),
    ),
    packages: ['libwebkit2gtk-4.1-0', 'xvfb'],
    // It has no way to do without a window.
    beside: ['Xvfb'],
  },
};

const names = /** @type {(keyof typeof engines)[]} */ (Object.keys(engines));

/**
 * Where each engine's program is. One that must be there has a key even if it is not found; WebKit only if it is.
 *
 * @returns {Partial<Record<keyof typeof engines, string | undefined>>}
 */
export function findBrowsers() {
  const found = names.map((name) => /** @type {const} */ ([name, find(engines[name])]));
  return Object.fromEntries(found.filter(([name, file]) => name !== 'webkit' || file));
}

/** The environment variables that name the programs that were found. @returns {Record<string, string>} */
export function browserVariables() {
  const found = names.map((name) => [engines[name].variable, find(engines[name])]);
  return Object.fromEntries(found.filter(([, file]) => file !== undefined));
}

/** Ends this process, with a message that says what to do, if a browser is missing that must be there. */
export async function ensureBrowsers() {
  if (mayInstall()) await installMissing();
  const missing = names.flatMap((name) => {
    const problem = unfit(engines[name]);
    return problem === undefined ? [] : [{ name, problem }];
  });
  const needed = missing.filter(({ name }) => name !== 'webkit');
  if (needed.length > 0) fail(needed.map(({ problem }) => problem));
  for (const { problem } of missing)
    console.error(`${problem}\nNothing is tested in WebKit, then: \`npm test\` goes without it.`);
}

/** @param {Engine} engine */
function find({ variable, names, places, beside }) {
  if (beside.some((name) => onPath(name) === undefined)) return undefined;
  const named = process.env[variable] ?? '';
  if (named !== '') return existsSync(named) ? named : undefined;
  return [...names.flatMap((name) => onPath(name) ?? []), ...places].find((file) =>
    existsSync(file),
  );
}

/** Why an engine cannot be tested with, if so. @param {Engine} engine */
function unfit(engine) {
  const file = find(engine);
  if (file === undefined) {
    const named = process.env[engine.variable] ?? '';
    if (named !== '' && !existsSync(named)) return `${engine.variable} names no file: ${named}`;
    const beside = engine.beside.map((name) => ` with ${name}`).join('');
    return `${engine.title}${beside} was not found.`;
  }
  // It would want a display to say even its version.
  if (engine === engines.webkit) return undefined;
  try {
    execFileSync(file, ['--version'], { stdio: ['ignore', 'pipe', 'pipe'] });
    return undefined;
  } catch (error) {
    return `${file} does not run: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function installMissing() {
  const missing = names.filter(
    (name) => find(engines[name]) === undefined && !process.env[engines[name].variable],
  );
  if (missing.length === 0) return;
  console.error('Looking for packages of browsers ...');
  await apt([], ['update']);
  for (const name of missing) {
    const { packages, title } = engines[name];
    const offered = packages.every((one) => isOffered([], one));
    const installed = offered && (await install([], packages));
    if (!installed) console.error(`${title} cannot be installed here by apt-get.`);
  }
}

/** The folders in a folder, if it is there. @param {string} folder */
function within(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => path.join(folder, name));
}

/** @param {string[]} problems @returns {never} */
function fail(problems) {
  const hints = names.filter((name) => name !== 'webkit').map((name) => engines[name].variable);
  process.stderr.write(
    'The tests need Chromium and Firefox:\n' +
      `${problems.map((problem) => `  ${problem}`).join('\n')}\n` +
      'Install what is missing, then run this again:\n' +
      '  Debian:  sudo apt-get install chromium firefox-esr libwebkit2gtk-4.1-0 xvfb\n' +
      '  Fedora:  sudo dnf install chromium firefox\n' +
      '  macOS:   brew install --cask google-chrome firefox\n' +
      `Or set ${hints.join(' and ')} to the paths of their programs. (npm run demo needs none.)\n`,
  );
  process.exit(1);
}

if (process.argv[1] === path.join(root, 'scripts', 'browsers.mjs')) await ensureBrowsers();
