import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
export const node = process.env['MILLRACE_USER_NODE'] ?? process.execPath;
export const run = promisify(execFile);

export interface Report {
  readonly suite: string;
  readonly machine: unknown;
  readonly rows: readonly {
    scenario: string;
    payload: string;
    contender: string;
    median: number;
    min: number;
    max: number;
  }[];
  readonly ratios: Record<string, number>;
}

/** Runs to the program's own end, which every contender's check of its items is part of. */
export function bench(suite: string, ...options: string[]): Promise<Report> {
  return benchOn(node, {}, suite, ...options);
}

export async function benchOn(
  node: string,
  env: Record<string, string>,
  suite: string,
  ...options: string[]
): Promise<Report> {
  const words = [
    main,
    '--suite',
    suite,
    '--json',
    '--items',
    '300',
    '--runs',
    '1',
    '--cold',
    ...options,
  ];
  const { stdout } = await run(node, words, { env: { ...process.env, ...env } });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Report;
}
