// The tests run against real Redis servers. This makes sure that one is here before anything else runs: on
// Debian and Ubuntu, as root, it installs what is missing; elsewhere it says what to install.
// `node scripts/redis.mjs` does just that. MILLRACE_INSTALL=no: never install anything.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { root } from './bootstrap.mjs';
import { apt, install, isOffered, mayInstall, onPath } from './packages.mjs';

const oldest = [6, 2];

/** Ends this process, with a message that says what to do, if there is no server of a version that will do. */
export async function ensureRedis() {
  const named = process.env['MILLRACE_REDIS_SERVERS'] ?? '';
  if (named === '' && mayInstall()) await installMissing();
  const { problems, found } = look(named);
  if (problems.length === 0 && found.length > 0) return;
  fail(problems, named);
}

/**
 * The servers that the tests would take, and what is wrong with those that they would not.
 *
 * @param {string} named paths, as in MILLRACE_REDIS_SERVERS; if empty, what is on the PATH counts
 */
function look(named) {
  const files =
    named === ''
      ? ['redis-server', 'valkey-server'].flatMap((name) => onPath(name) ?? [])
      : named.split(path.delimiter).filter((file) => file !== '');
  /** @type {string[]} */
  const problems = [];
  const found = files.filter((file) => {
    const problem = unfit(file);
    if (problem !== undefined) problems.push(problem);
    return problem === undefined;
  });
  return { problems, found };
}

/** Why this server will not do, if so. @param {string} file */
function unfit(file) {
  let said;
  try {
    said = execFileSync(file, ['--version'], { encoding: 'utf8' });
  } catch (error) {
    return `${file} does not run: ${error instanceof Error ? error.message : String(error)}`;
  }
  const version = /\bv=(\d+)\.(\d+)/.exec(said);
  if (version === null) return `${file} does not say which version it is: ${said.trim()}`;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const [needed, since] = /** @type {[number, number]} */ (oldest);
  if (major > needed || (major === needed && minor >= since)) return undefined;
  return `${file} is version ${String(major)}.${String(minor)}, which is too old.`;
}

/**
 * Installs what is not there: redis-server with redis-cli, without which there are no tests, and what is
 * welcome beside it: Valkey, and Python's Redis client where Python is.
 */
async function installMissing() {
  const needed =
    look('').problems.length === 0 &&
    onPath('redis-server') !== undefined &&
    onPath('redis-cli') !== undefined
      ? []
      : ['redis-server'];
  const welcome = [
    ...(onPath('valkey-server') === undefined ? ['valkey-server'] : []),
    ...(existsSync('/usr/bin/python3') && !pythonHasRedis() ? ['python3-redis'] : []),
  ];
  if (needed.length + welcome.length === 0) return;
  console.error('Looking for packages of Redis ...');
  await apt([], ['update']);
  if (needed.length > 0) await install([], needed);
  for (const name of welcome) {
    const installed = isOffered([], name) ? await install([], [name]) : await installBackport(name);
    if (!installed) console.error(`${name} cannot be installed here; the tests go without it.`);
  }
}

/**
 * Debian 12 has Valkey among its backports only. They are asked for by an option, without a change to the
 * system's own list of sources, from the place that the rest of the system comes from.
 *
 * @param {string} name
 */
async function installBackport(name) {
  const release = readFileSync('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename === undefined) return false;
  const format = '$(SITE) $(CODENAME) $(COMPONENT)';
  const words = ['indextargets', '--format', format, 'Created-By: Packages'];
  const targets = execFileSync('apt-get', words, { encoding: 'utf8' }).split('\n');
  const site = targets.find((line) => line.endsWith(` ${codename} main`))?.split(' ')[0];
  if (site === undefined) return false;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-apt-'));
  try {
    const sources = path.join(folder, 'sources.list');
    const usual = '/etc/apt/sources.list';
    const own = existsSync(usual) ? readFileSync(usual, 'utf8') : '';
    const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
    const signed = existsSync(keys) ? ` [signed-by=${keys}]` : '';
    writeFileSync(sources, `${own}\ndeb${signed} ${site} ${codename}-backports main\n`);
    const options = ['-o', `Dir::Etc::SourceList=${sources}`];
    await apt(options, ['update']);
    return isOffered(options, name) && (await install(options, [name]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pythonHasRedis() {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param {string[]} problems @param {string} named @returns {never} */
function fail(problems, named) {
  const what =
    named === ''
      ? 'neither redis-server nor valkey-server is on the PATH.'
      : `MILLRACE_REDIS_SERVERS names no server: ${named}`;
  process.stderr.write(
    `The tests need a Redis server of version ${oldest.join('.')} or newer, or Valkey:\n` +
      `${(problems.length > 0 ? problems : [what]).map((problem) => `  ${problem}`).join('\n')}\n` +
      'Install one, then run this again:\n' +
      '  Debian, Ubuntu:  sudo apt-get install redis-server\n' +
      '  Fedora:          sudo dnf install valkey\n' +
      '  macOS:           brew install redis\n' +
      'Or set MILLRACE_REDIS_SERVERS to the path of one. (npm run demo needs none.)\n',
  );
  process.exit(1);
}

if (process.argv[1] === path.join(root, 'scripts', 'redis.mjs')) await ensureRedis();
