import { compileFunction } from 'node:vm';

import { type Code, finish, isCode, type Job, Machine } from './machine.ts';

/** The code of modules, types gone. */
export interface ProgramCode {
  /** Those that are explored, by their names: transformed. */
  readonly explored: Readonly<Record<string, string>>;
  /** Those that take no part, by their paths below src: as they are. */
  readonly untouched: Readonly<Record<string, string>>;
}

/** What the explored modules use of the rest, as it is. */
export const UNTOUCHED = ['channels/ports/messages', 'transport/memory/ring'] as const;

/** Items from here on go by the host. */
export const BY_HOST = 200;

/** The shared channel's own modules, transformed, as they run on whatever machine is theirs. */
export class Program {
  readonly code: ProgramCode;
  readonly sleeps: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  machine: Machine | undefined;

  constructor(code: ProgramCode, sleeps: boolean) {
    this.code = code;
    this.sleeps = sleeps;
    const { explored } = code;
    const loaded = new Map<string, Record<string, unknown>>();
    const machine = (): Machine => {
      if (this.machine === undefined) throw new Error('No machine runs.');
      return this.machine;
    };
    const atomics = this.atomics(machine, sleeps);
    const start = (started: Code): Code => machine().start(started);
    const rest = new Map(UNTOUCHED.map((name) => [name, untouched(code, name)]));
    const load = (name: string): Record<string, unknown> => {
      const known = loaded.get(name);
      if (known !== undefined) return known;
      const exports: Record<string, unknown> = {};
      loaded.set(name, exports);
      const from = (specifier: string): unknown => {
        const base = /^\.\/(.*)\.js$/.exec(specifier)?.[1];
        if (base !== undefined && base in explored) return load(base);
        return outside(specifier, rest, (job) => {
          machine().soon(job);
        });
      };
      compile(explored[name]!, `explored/${name}.js`, {
        exports,
        require: from,
        Atomics: atomics,
        $map: map,
        $start: start,
      });
      return exports;
    };
    this.exports = Object.assign(
      {},
      rest.get('channels/ports/messages'),
      ...Object.keys(explored).map(load),
    ) as Record<string, unknown>;
    // It is found out once, and would make the first run another than the next.
    this.machine = new Machine();
    finish((this.exports['maySleep'] as () => unknown)());
  }

  /** The modules are loaded once, and run on many machines. */
  private atomics(machine: () => Machine, sleeps: boolean): object {
    const names = [
      'load',
      'store',
      'add',
      'exchange',
      'compareExchange',
      'notify',
      'wait',
      'waitAsync',
    ] as const;
    const made = new WeakMap<Machine, Record<string, (...args: unknown[]) => unknown>>();
    const of = (): Record<string, (...args: unknown[]) => unknown> => {
      const at = machine();
      let found = made.get(at);
      if (found === undefined)
        made.set(
          at,
          (found = at.atomics(sleeps) as Record<string, (...args: unknown[]) => unknown>),
        );
      return found;
    };
    return Object.fromEntries(
      names.map((name) => [name, (...args: unknown[]) => of()[name]!(...args)]),
    );
  }
}

function* map(list: readonly unknown[], call: (value: unknown, index: number) => unknown): Code {
  const made: unknown[] = [];
  for (const [i, value] of list.entries()) {
    const one = call(value, i);
    made.push(isCode(one) ? yield* one : one);
  }
  return made;
}

/** Runs a module's code with what it finds around it. */
function compile(code: string, filename: string, around: Readonly<Record<string, unknown>>): void {
  const body = compileFunction(code, Object.keys(around), { filename }) as (
    ...args: unknown[]
  ) => void;
  body(...Object.values(around));
}

function untouched(code: ProgramCode, name: string): Record<string, unknown> {
  const exports: Record<string, unknown> = {};
  compile(code.untouched[name]!, `${name}.js`, { exports });
  return exports;
}

/** What the modules use of the rest: an item is a byte here. */
function outside(
  specifier: string,
  rest: ReadonlyMap<string, unknown>,
  soon: (job: Job) => void,
): unknown {
  switch (specifier) {
    case '../ports/messages.js':
      return rest.get('channels/ports/messages');
    case '../../transport/memory/ring.js':
      return rest.get('transport/memory/ring');
    case '../packed/index.js':
      return {
        // Large ones are kept by the host.
        packBlock: (values: number[]) =>
          values.some((value) => value >= BY_HOST) ? undefined : Uint8Array.from(values),
        // Each has a place of its own.
        packing: { blocks: 0 },
        unpackBlock: (body: Uint8Array, from: number, to: number) => ({
          values: [...body.subarray(from, to)],
          extra: undefined,
        }),
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
