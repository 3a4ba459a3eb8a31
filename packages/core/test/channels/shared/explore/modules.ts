import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Program as CodeProgram, type ProgramCode, UNTOUCHED } from './program.ts';
import { type Grain, strip, Transformer } from './transform.ts';

/** A change of one module's source: what a defect is made of. */
export interface Change {
  readonly module: string;
  readonly from: string;
  readonly to: string;
}

const shared = path.resolve(import.meta.dirname, '../../../../src/channels/shared');
const src = path.resolve(shared, '../..');

/** So that a schedule has as few steps as it can: who does not get the lock at once sleeps at once, and gives up soon. */
const shorter: readonly Change[] = [
  { module: 'lock', from: 'const SPINS = 2000;', to: 'const SPINS = 1;' },
  { module: 'lock', from: 'const PATIENCE = 20;', to: 'const PATIENCE = 2;' },
];

function readAll(): Map<string, string> {
  const sources = new Map<string, string>();
  for (const file of readdirSync(shared)) if (file.endsWith('.ts')) sources.set(path.basename(file, '.ts'), readFileSync(path.join(shared, file), 'utf8'));
  return sources;
}

/** Those that run on the host with what is not simulated here, and what a model of its own is for. */
const LEFT_OUT = ['lingering', 'host', 'shared-queue', 'kept', 'letters', 'local-link', 'index', 'revive', 'extra'];

function changed(source: string, { module, from, to }: Change): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`In ${module}.ts there is ${parts.length === 1 ? 'no' : 'more than one'} place with: ${from}`);
  return parts.join(to);
}

/** The channel's modules as they are in the source, but for the changes, and transformed. */
function codeOf(grain: Grain, changes: readonly Change[]): ProgramCode {
  const sources = readAll();
  for (const name of LEFT_OUT) sources.delete(name);
  for (const name of ['driver', 'host-driver']) sources.set(name, readFileSync(path.join(import.meta.dirname, `${name}.ts`), 'utf8'));
  for (const change of [...shorter, ...changes]) {
    const source = sources.get(change.module);
    if (source === undefined) throw new Error(`There is no ${change.module}.ts.`);
    sources.set(change.module, changed(source, change));
  }
  const plain = new Map([...sources].map(([name, source]) => [name, stripped(source, name)] as const));
  const transformer = new Transformer(plain, grain);
  return {
    explored: Object.fromEntries([...plain.keys()].map((name) => [name, transformer.emit(name)])),
    untouched: Object.fromEntries(UNTOUCHED.map((name) => [name, stripped(readFileSync(path.join(src, `${name}.ts`), 'utf8'), name)])),
  };
}

const known = new Map<string, string>();

/** Most modules are the same for all defects. */
function stripped(source: string, name: string): string {
  let code = known.get(source);
  if (code === undefined) known.set(source, (code = strip(source, `${name}.ts`)));
  return code;
}

/** The program of today's source. */
export class Program extends CodeProgram {
  constructor(grain: Grain, { changes = [], sleeps = true }: { changes?: readonly Change[]; sleeps?: boolean } = {}) {
    super(codeOf(grain, changes), sleeps);
  }
}
