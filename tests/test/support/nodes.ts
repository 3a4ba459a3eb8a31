import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { here, root } from './places.js';
import { needsShell, npmEnv, type Outcome, run, userNode } from './run.js';

/**
 * A Node of this major version: the one that the tests or their user run on, one that the tools brought,
 * or one that npm can bring.
 */
export async function nodeOf(major: number): Promise<string> {
  const brought = `node-${process.platform}-${process.arch}`;
  const cache = path.join(here, 'node_modules', '.cache', `node-${String(major)}`);
  const inFolder = (folder: string): string =>
    path.join(folder, 'node_modules', brought, 'bin', 'node');
  const known = [userNode, process.execPath, inFolder(root), inFolder(cache)];
  for (const node of known) if ((await majorOf(node)) === major) return node;

  const fetched = await fetch(`${brought}@${String(major)}`, cache);
  if ((await majorOf(inFolder(cache))) === major) return inFolder(cache);
  throw new Error(
    `The packages have to be tried on Node ${String(major)}, and there is none: set MILLRACE_USER_NODE to the path of one. ` +
      `(npm could not bring ${brought}@${String(major)}: ${fetched.stderr.trim() || 'it has no such binary'})`,
  );
}

/** Lets npm bring a package into a folder, which appears when it is complete: others may want it too. */
async function fetch(spec: string, folder: string): Promise<Outcome> {
  mkdirSync(path.dirname(folder), { recursive: true });
  const place = mkdtempSync(`${folder}-`);
  writeFileSync(path.join(place, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--no-audit', '--no-fund', '--no-save', spec];
  const options = { cwd: place, env: npmEnv, shell: needsShell, limit: 60_000 };
  const outcome = await run('npm', install, options);
  try {
    if (outcome.code === 0) renameSync(place, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return outcome;
}

async function majorOf(node: string): Promise<number | undefined> {
  if (!existsSync(node)) return undefined;
  const { stdout } = await run(node, ['-p', 'process.versions.node.split(".")[0]']);
  return Number(stdout);
}
