import { MillraceError } from '@millrace/core';

/** Exit codes, which scripts may count on. */
export const EXIT = Object.freeze({ done: 0, failed: 1, usage: 2, unknown: 3, late: 4, interrupted: 130 });

/** Why a command ends without having done what it was told; the code is one of the command line's own. */
export class Failure extends Error {
  readonly code: string;
  readonly exit: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, exit: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.exit = exit;
    this.details = details;
  }
}

export function usage(message: string): Failure {
  return new Failure('USAGE', EXIT.usage, `${message} See millrace-redis --help.`);
}

/** What went wrong, as any error of ours or of others tells it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof MillraceError) return new Failure(error.code, EXIT.failed, error.message, error.details);
  return new Failure('FAILED', EXIT.failed, error instanceof Error ? error.message : String(error));
}
