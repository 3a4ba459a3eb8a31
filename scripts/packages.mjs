// What the tests need of the system: finding programs, and on Debian and Ubuntu, as root, installing them.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { run } from './bootstrap.mjs';

const policyFile = '/usr/sbin/policy-rc.d';

/** The program of that name that a shell would start, if there is one. @param {string} name */
export function onPath(name) {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Whether apt-get is here, and may be used. MILLRACE_INSTALL=no: it may not. */
export function mayInstall() {
  return (
    process.env['MILLRACE_INSTALL'] !== 'no' &&
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    onPath('apt-get') !== undefined
  );
}

/**
 * Installs packages, without starting what they would start. Whether it worked.
 *
 * @param {string[]} options for apt-get
 * @param {string[]} names
 */
export async function install(options, names) {
  console.error(`Installing ${names.join(', ')} ...`);
  // Packages of servers start them at once, on the port that a developer may use for another one.
  const quiet = !existsSync(policyFile);
  if (quiet) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await apt(options, ['install', '-y', '--no-install-recommends', ...names]);
  } finally {
    if (quiet) rmSync(policyFile, { force: true });
  }
}

/**
 * Whether apt-get did it. If not, what it wrote is shown.
 *
 * @param {string[]} options
 * @param {string[]} words
 */
export async function apt(options, words) {
  // Another apt-get may be at work; a machine without a network should say so soon.
  const patience = ['DPkg::Lock::Timeout=300', 'Acquire::Retries=2', 'Acquire::http::Timeout=20'];
  /** @type {Buffer[]} */
  const output = [];
  const code = await run(
    'apt-get',
    [...options, ...patience.flatMap((one) => ['-o', one]), ...words],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      onOutput: (chunk) => output.push(chunk),
    },
  );
  if (code !== 0) process.stderr.write(Buffer.concat(output));
  return code === 0;
}

/** Whether apt knows a package that it could install. @param {string[]} options @param {string} name */
export function isOffered(options, name) {
  const said = execFileSync('apt-cache', [...options, 'policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))/.test(said);
}
