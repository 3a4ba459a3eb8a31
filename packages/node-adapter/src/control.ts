import type { WorkerRole } from '@millrace/core';
import type { Packed, SentArgs } from '@millrace/core/channels';

/** What a thread is started with. */
export interface ThreadData {
  readonly id: string;
  /** The worker's module. */
  readonly url: string;
  readonly role: WorkerRole | undefined;
  readonly sent: SentArgs;
}

/** What a thread tells its host over its own port. */
export type FromThread =
  | { readonly kind: 'started' }
  /** For the host's listener. */
  | { readonly kind: 'post'; readonly message: Packed }
  | { readonly kind: 'finished'; readonly value: Packed }
  | { readonly kind: 'failed'; readonly error: Packed };

/** What its host tells it. */
export type ToThread =
  | { readonly kind: 'stop' }
  /** For the worker's listener, endpoints included. */
  | { readonly kind: 'post'; readonly sent: SentArgs };
