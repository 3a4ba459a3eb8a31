import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly outcome: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once what it has written to stderr matches. Rejects if it ends before. */
  says(pattern: RegExp): Promise<void>;
  /** The same for stdout; resolves with the match. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts a built program as a user would, on the user's Node; `env` is what its environment has besides. */
export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const node = process.env['MILLRACE_USER_NODE'] ?? process.execPath;
  const file = fileURLToPath(new URL(`../dist/${program}/main.js`, import.meta.url));
  const child = spawn(node, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  // Only where the test has failed: programs end by themselves.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const written = (output: Readable, match: () => RegExpExecArray | null): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = match();
        if (found === null) return;
        output.off('data', look);
        resolve(found);
      };
      output.on('data', look);
      child.once('close', () => reject(new Error('It ended without writing what it should.')));
      look();
    });
  return {
    outcome,
    kill: (signal) => {
      child.kill(signal);
    },
    says: async (pattern) => {
      await written(child.stderr, () => pattern.exec(stderr));
    },
    prints: (pattern) => written(child.stdout, () => pattern.exec(stdout)),
  };
}

export function run(program: string, ...args: readonly string[]): Promise<Outcome> {
  return start(program, args).outcome;
}

/** What tests calculate with, of all that the programs report. */
export interface Report {
  readonly items: number;
  readonly put: number;
  readonly taken: number;
  readonly duplicated: number;
  readonly redelivered: number;
  readonly unconfirmed: number;
  readonly unconfirmedTaken: number;
  readonly inHandAtKill: number;
  readonly killed: number;
  readonly seconds: number;
  readonly itemsPerSecond: number;
  readonly crawledInPlace: number;
}

/** The JSON object on the last line. */
export function reportOf<R = Report>({ stdout }: Outcome): R {
  const report: R = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  return report;
}
