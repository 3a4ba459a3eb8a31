import type { FromWorker, WorkerStart } from '@millrace/core/channels';

const BEGIN = 'millrace:begin';

/** What a worker is sent first. All else goes over the port that comes with it: the worker's own channel is the user's. */
export interface Begin {
  readonly kind: typeof BEGIN;
  readonly start: WorkerStart;
  /** The name of the lock that the worker holds while it lives. */
  readonly lock: string;
  readonly control: MessagePort;
}

export type ToHost =
  | FromWorker
  /** It has begun; `held` says that it holds its lock. */
  | { readonly kind: 'alive'; readonly held: boolean }
  /** It has closed its links, and closes itself. */
  | { readonly kind: 'bye' };

export function begin(start: WorkerStart, lock: string, control: MessagePort): Begin {
  return { kind: BEGIN, start, lock, control };
}

export function isBegin(message: unknown): message is Begin {
  return (
    typeof message === 'object' &&
    message !== null &&
    (message as { kind?: unknown }).kind === BEGIN
  );
}
