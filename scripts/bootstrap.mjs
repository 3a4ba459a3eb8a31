// What every root script needs first, on plain Node without a dependency: a Node that is new enough,
// and an installed workspace. `npm run demo` and `npm test` work from a fresh clone because of this.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const minimum = [20, 19, 0];
const pnpmSpec = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).packageManager;
const stampFile = path.join(root, 'node_modules', '.millrace-installed');

/**
 * The Node that the user typed `npm` with. npm puts `node_modules/.bin` in front of the PATH, and
 * once the workspace is installed that holds the Node for the tools, so `process.execPath` may be
 * that one.
 */
export const userNode =
  process.env.MILLRACE_USER_NODE ?? process.env.npm_node_execpath ?? process.execPath;

/** The environment for all that the scripts start. */
export const toolEnv = {
  ...process.env,
  MILLRACE_USER_NODE: userNode,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

/**
 * Runs a command and resolves with its exit code (128 + the signal's number if a signal ended it).
 * SIGINT, SIGTERM and SIGHUP are passed on, so that the child decides when and how to end. A signal
 * sent to npm alone ends only npm and the shell between; the child then gets a SIGTERM instead.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ stdio?: import('node:child_process').StdioOptions, env?: NodeJS.ProcessEnv,
 *   cwd?: string, shell?: boolean, onOutput?: (chunk: Buffer) => void }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { onOutput, stdio = 'inherit', ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: toolEnv,
      ...options,
      stdio: onOutput === undefined ? stdio : ['ignore', 'pipe', 'pipe'],
    });
    if (onOutput !== undefined) {
      child.stdout?.on('data', onOutput);
      child.stderr?.on('data', onOutput);
    }
    /** @type {Map<NodeJS.Signals, () => void>} */
    const passing = new Map();
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      // At a terminal Ctrl-C reaches the whole process group: the child has had its SIGINT then.
      const pass = () => {
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      };
      passing.set(signal, pass);
      process.on(signal, pass);
    }
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, 250);
    const done = () => {
      clearInterval(watch);
      for (const [signal, pass] of passing) process.off(signal, pass);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * Runs the pinned pnpm, which need not be installed.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function pnpm(args, options) {
  // npx on Windows is a .cmd file, which only a shell starts.
  return run('npx', ['-y', pnpmSpec, ...args], { shell: process.platform === 'win32', ...options });
}

/**
 * Runs turbo on the Node for the tools.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function turbo(args, options) {
  return pnpm(['exec', 'turbo', 'run', ...args], options);
}

/**
 * Collects a command's output and shows it, on stderr, only if the command fails.
 *
 * @param {string} what
 * @param {(onOutput: (chunk: Buffer) => void) => Promise<number>} command
 */
export async function quietly(what, command) {
  process.stderr.write(`${what} ...\n`);
  /** @type {Buffer[]} */
  const output = [];
  const code = await command((chunk) => output.push(chunk));
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    process.stderr.write(`${what} failed (exit code ${String(code)}).\n`);
    process.exit(code);
  }
}

/** Checks the Node version and installs the workspace where that is needed. */
export async function bootstrap() {
  checkNode();
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  await quietly('Installing', (onOutput) => pnpm(['install', '--frozen-lockfile'], { onOutput }));
  writeFileSync(stampFile, wanted);
}

/** The Node for the tools, once the workspace is installed: where it brings none, the user's is new enough. */
export function toolNode() {
  const brought = path.join(root, 'node_modules', '.bin', 'node');
  return existsSync(brought) ? brought : userNode;
}

/**
 * Bootstraps, builds a package with all that it depends on, and runs one of its built files, on the
 * user's Node where nothing else is said. Only that file writes to stdout. Ends this process with its exit code.
 *
 * @param {{ name: string, file: string, node?: () => string, env?: NodeJS.ProcessEnv }} program
 */
export async function runBuilt({ name, file, node = () => userNode, env = toolEnv }) {
  await bootstrap();
  await quietly('Building', (onOutput) =>
    turbo(['build', `--filter=${name}`, '--output-logs=errors-only'], { onOutput }),
  );
  if (!existsSync(path.join(root, file))) {
    process.stderr.write(`${file} does not exist after the build of ${name}.\n`);
    process.exit(1);
  }
  process.exit(await run(node(), [path.join(root, file), ...process.argv.slice(2)], { env }));
}

function checkNode() {
  const version = process.versions.node.split('.').map(Number);
  if (isOlder(version, minimum)) {
    fail(`Millrace needs Node ${minimum.join('.')} or newer; this is ${process.versions.node}.`);
  }
  // The build tools want a newer Node than the packages do; where npm can bring one, it does.
  const brought = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  if (!brought && isOlder(version, [22, 18, 0])) {
    fail(
      `Building Millrace on ${process.platform} needs Node 22.18.0 or newer; ` +
        `this is ${process.versions.node}. (The built packages run on ${minimum.join('.')}.)`,
    );
  }
}

/** @param {number[]} version @param {number[]} than */
function isOlder(version, than) {
  for (const [i, part] of than.entries()) {
    const own = version[i] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** A hash over the lockfile and every package.json: what an installation depends on. */
function fingerprint() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packageFiles()];
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(path.join(root, file)));
  }
  return `${process.platform}-${process.arch} ${hash.digest('hex')}\n`;
}

/** The package.json files of the workspace, sorted, relative to the root. */
export function packageFiles() {
  const within = ['packages', 'apps'].flatMap((folder) =>
    existsSync(path.join(root, folder))
      ? readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`)
      : [],
  );
  return [...within, 'benchmarks', 'tests']
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(path.join(root, file)))
    .sort();
}
