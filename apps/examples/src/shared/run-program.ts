import { constants } from 'node:os';
import { inspect } from 'node:util';

import { hasCode } from '@millrace/core';

/** What was asked for cannot be had: the exit code of a program that was called wrongly. */
const USAGE = 2;

/**
 * Runs a program to its end and sets the exit code: the one it returns, 2 for options that cannot be,
 * 1 for any other error. The process then ends by itself.
 */
export async function runProgram(program: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program();
  } catch (error) {
    const usage = hasCode(error, 'BAD_OPTION') || hasCode(error, 'CAPABILITY_MISSING');
    process.exitCode = usage ? USAGE : 1;
    process.stderr.write(usage ? `${error.code}: ${error.message}\n` : `${inspect(error)}\n`);
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
