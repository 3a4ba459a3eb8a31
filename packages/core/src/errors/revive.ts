import { MillraceError } from './error.js';

/** An error of ours that crossed a boundary has lost its class: gives it back. Any other becomes one, as `wrap` says. */
export function reviveError(error: unknown, wrap: (error: unknown) => MillraceError): MillraceError {
  if (error instanceof MillraceError) return error;
  if (!(error instanceof Error) || error.name !== 'MillraceError') return wrap(error);
  const { code, message, details, cause, stack } = error as MillraceError;
  const revived = new MillraceError(code, message, { ...details }, cause);
  if (stack !== undefined) Object.defineProperty(revived, 'stack', { value: stack, configurable: true, writable: true });
  return revived;
}
