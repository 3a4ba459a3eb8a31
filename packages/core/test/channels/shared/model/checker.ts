import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;

/** What spin is to look for: what asserts and what rests for ever, or what goes round for ever. */
export type Search = 'states' | 'cycles';

export interface Verdict {
  /** How many states it has looked at. */
  readonly states: number;
  /** The first thing that it has found, if any. */
  readonly found: string | undefined;
}

/** The programs without which no model can be checked, as far as they are not on the PATH. */
export function missing(): string[] {
  return ['spin', 'cc'].filter(
    (name) =>
      !(process.env['PATH'] ?? '')
        .split(path.delimiter)
        .some((folder) => isProgram(path.join(folder, name))),
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Has spin make a program of a model, and that look at each of its states, in a folder that is gone afterwards. */
export async function check(
  model: string,
  defines: readonly string[],
  search: Search = 'states',
): Promise<Verdict> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'millrace-model-'));
  try {
    for (const file of await readdir(here))
      if (file.endsWith('.pml')) await cp(path.join(here, file), path.join(cwd, file));
    await run('spin', [...defines.map((name) => `-D${name}`), '-a', model], { cwd });
    // What is found, is found soon: then it is compiling that takes time. More memory than this is for models out of hand.
    const fast = defines.some((name) => name.startsWith('FAULT_')) ? '-O0' : '-O1';
    await run(
      'cc',
      [
        fast,
        '-w',
        '-DMEMLIM=1500',
        search === 'states' ? '-DSAFETY' : '-DNP',
        '-o',
        'pan',
        'pan.c',
      ],
      { cwd },
    );
    const { stdout } = await run(
      path.join(cwd, 'pan'),
      search === 'states' ? ['-m100000'] : ['-m100000', '-l'],
      { cwd },
    );
    return read(stdout);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** What was not looked at to its end, or said nothing that is understood, was not checked. */
function read(report: string): Verdict {
  const states = /(\d+) states, stored/.exec(report)?.[1];
  const errors = /errors: (\d+)/.exec(report)?.[1];
  const found = /^pan:1: (.*) \(at depth \d+\)$/m.exec(report)?.[1];
  const whole = !/out of memory|max search depth too small|Search not completed/.test(report);
  if (
    states === undefined ||
    errors === undefined ||
    (errors === '0' ? !whole : found === undefined)
  )
    throw new Error(`The model was not checked to its end:\n${report}`);
  return { states: Number(states), found };
}
