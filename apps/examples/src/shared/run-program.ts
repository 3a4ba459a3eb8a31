import { constants } from 'node:os';
import { inspect } from 'node:util';

import { hasCode } from '@millrace/core';

/** What was asked for cannot be had: the exit code of a program that was called wrongly. */
const USAGE = 2;
const USAGES = ['BAD_OPTION', 'CAPABILITY_MISSING'] as const;

/** The server is not there, or not as it has to be: its address and the reason say all there is to say. */
const UNREACHABLE = ['CONNECTION_FAILED', 'AUTH_FAILED', 'SERVER_TOO_OLD', 'SERVER_READ_ONLY'] as const;

/**
 * Runs a program to its end and sets the exit code: the one it returns, 2 for options that cannot be,
 * 1 for any other error. The process then ends by itself.
 */
export async function runProgram(program: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program();
  } catch (error) {
    process.exitCode = USAGES.some((code) => hasCode(error, code)) ? USAGE : 1;
    const plain = [...USAGES, ...UNREACHABLE].some((code) => hasCode(error, code));
    process.stderr.write(plain && error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}\n` : `${inspect(error)}\n`);
  }
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The exit code of a program that a signal has stopped. */
export function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}

/**
 * Calls `stop` at the first SIGINT or SIGTERM; the second one ends the process at once. Returns what
 * takes the handlers away again.
 */
export function onStopSignal(stop: (signal: StopSignal) => void): () => void {
  let stopping = false;
  const handle = (signal: StopSignal): void => {
    if (stopping) process.exit(exitCodeOf(signal));
    stopping = true;
    stop(signal);
  };
  const interrupt = (): void => handle('SIGINT');
  const terminate = (): void => handle('SIGTERM');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  };
}
