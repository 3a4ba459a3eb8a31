// One of core's tests has the models of its shared memory checked by spin, which makes a C program of each. This brings spin
// and a C compiler on Debian and Ubuntu, as root. Where they cannot be had, it says why, and the tests go without them:
// `node scripts/spin.mjs` does just that. MILLRACE_INSTALL=no: never install anything.

import path from 'node:path';

import { root } from './bootstrap.mjs';
import { apt, install, isOffered, mayInstall, onPath } from './packages.mjs';

/** What brings each program to Debian. @type {Record<string, string[]>} */
const packages = { spin: ['spin'], cc: ['gcc', 'libc6-dev'] };

/**
 * What the tests are to know: nothing, or why the models cannot be checked.
 *
 * @returns {Promise<Record<string, string>>} environment variables
 */
export async function ensureSpin() {
  if (missing().length > 0 && mayInstall()) await installMissing();
  const names = missing();
  if (names.length === 0) return {};
  const why = `${names.join(' and ')} cannot be found on the PATH, nor installed here.`;
  console.error(
    `${why}\nThe models of shared memory's recovery are not checked, then: \`npm test\` goes without that.\n` +
      '  Debian, Ubuntu:  sudo apt-get install spin gcc libc6-dev\n' +
      '  macOS:           brew install spin',
  );
  return { MILLRACE_NO_SPIN: why };
}

function missing() {
  return Object.keys(packages).filter((name) => onPath(name) === undefined);
}

/** Whatever goes wrong with it: the tests can do without. */
async function installMissing() {
  try {
    console.error('Looking for packages of spin ...');
    await apt([], ['update']);
    for (const name of missing()) {
      const needed = packages[name] ?? [];
      const offered = needed.every((one) => isOffered([], one));
      if (!offered || !(await install([], needed)))
        console.error(`${name} cannot be installed here by apt-get.`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
}

if (process.argv[1] === path.join(root, 'scripts', 'spin.mjs')) await ensureSpin();
