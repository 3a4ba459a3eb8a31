import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileFunction } from 'node:vm';

import { MillraceError } from '@millrace/core';

import { type Code, finish, isCode, type Job, Machine } from './machine.js';
import { type Grain, strip, Transformer } from './transform.js';

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

/** Those that run on the host with what is not simulated here. */
const LEFT_OUT = ['host', 'shared-queue', 'kept', 'letters', 'local-link', 'index', 'revive', 'extra'];

function changed(source: string, { module, from, to }: Change): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`In ${module}.ts there is ${parts.length === 1 ? 'no' : 'more than one'} place with: ${from}`);
  return parts.join(to);
}

/** The shared channel's own modules, transformed, as they run on whatever machine is theirs. */
export class Program {
  readonly exports: Readonly<Record<string, unknown>>;
  machine: Machine | undefined;

  constructor(grain: Grain, { changes = [], sleeps = true }: { changes?: readonly Change[]; sleeps?: boolean } = {}) {
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
    const loaded = new Map<string, Record<string, unknown>>();
    const machine = (): Machine => {
      if (this.machine === undefined) throw new Error('No machine runs.');
      return this.machine;
    };
    const atomics = this.atomics(machine, sleeps);
    const map = function* (list: readonly unknown[], call: (value: unknown, index: number) => unknown): Code {
      const made: unknown[] = [];
      for (const [i, value] of list.entries()) {
        const one = call(value, i);
        made.push(isCode(one) ? yield* one : one);
      }
      return made;
    };
    const start = (code: Code): Code => machine().start(code);
    const load = (name: string): Record<string, unknown> => {
      const known = loaded.get(name);
      if (known !== undefined) return known;
      const exports: Record<string, unknown> = {};
      loaded.set(name, exports);
      const from = (specifier: string): unknown => {
        const base = path.posix.basename(specifier, '.js');
        if (plain.has(base) && specifier.startsWith('./')) return load(base);
        return outside(specifier, (job) => {
          machine().soon(job);
        });
      };
      compile(transformer.emit(name), `explored/${name}.js`, { exports, require: from, Atomics: atomics, $map: map, $start: start });
      return exports;
    };
    this.exports = Object.assign({}, untouched('channels/ports/messages'), ...[...plain.keys()].map(load)) as Record<string, unknown>;
    // It is found out once, and would make the first run another than the next.
    this.machine = new Machine();
    finish((this.exports['maySleep'] as () => unknown)());
  }

  /** The modules are loaded once, and run on many machines. */
  private atomics(machine: () => Machine, sleeps: boolean): object {
    const names = ['load', 'store', 'add', 'exchange', 'compareExchange', 'notify', 'wait', 'waitAsync'] as const;
    const made = new WeakMap<Machine, Record<string, (...args: unknown[]) => unknown>>();
    const of = (): Record<string, (...args: unknown[]) => unknown> => {
      const at = machine();
      let found = made.get(at);
      if (found === undefined) made.set(at, (found = at.atomics(sleeps) as Record<string, (...args: unknown[]) => unknown>));
      return found;
    };
    return Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => of()[name]!(...args)]));
  }
}

const known = new Map<string, string>();

/** Most modules are the same for all defects. */
function stripped(source: string, name: string): string {
  let code = known.get(source);
  if (code === undefined) known.set(source, (code = strip(source, `${name}.ts`)));
  return code;
}

/** Runs a module's code with what it finds around it. */
function compile(code: string, filename: string, around: Readonly<Record<string, unknown>>): void {
  const body = compileFunction(code, Object.keys(around), { filename }) as (...args: unknown[]) => void;
  body(...Object.values(around));
}

const plainModules = new Map<string, Record<string, unknown>>();

/** A module that takes no part, as it is. */
function untouched(name: string): Record<string, unknown> {
  const found = plainModules.get(name);
  if (found !== undefined) return found;
  const exports: Record<string, unknown> = {};
  const code = strip(readFileSync(path.join(src, `${name}.ts`), 'utf8'), `${name}.ts`);
  compile(code, `${name}.js`, { exports });
  plainModules.set(name, exports);
  return exports;
}

/** What the modules use of the rest: an item is a byte here. */
function outside(specifier: string, soon: (job: Job) => void): unknown {
  switch (specifier) {
    case '../ports/messages.js':
      return untouched('channels/ports/messages');
    case '../../transport/memory/ring.js':
      return untouched('transport/memory/ring');
    case '../../errors/error.js':
      return { MillraceError };
    case '../packed/index.js':
      return {
        // Large ones are kept by the host.
        packBlock: (values: number[]) => (values.some((value) => value >= BY_HOST) ? undefined : Uint8Array.from(values)),
        unpackBlock: (body: Uint8Array, from: number, to: number) => ({ values: [...body.subarray(from, to)], extra: undefined }),
      };
    case '../values/spare.js':
      return { giveSpare: () => undefined };
    case '../values/survey.js':
      return { transferablesOf: () => [] };
    case '../ports/clone-form.js':
      return { cloneFormBy: () => ({}) };
    case './extra.js':
      return { cutExtra: () => undefined };
    case '../../runtime/runtime.js':
      return { platform: { queueMicrotask: soon } };
    default:
      throw new Error(`The exploration does not know ${specifier}.`);
  }
}

/** Items from here on go by the host. */
export const BY_HOST = 200;
