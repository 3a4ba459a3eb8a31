import type { Packed, SentArgs } from '@millrace/core/channels';

/** What a thread is started with. */
export interface ThreadData {
  readonly id: string;
  /** The worker's module. */
  readonly url: string;
  readonly sent: SentArgs;
}

/** What a thread tells its host over its own port. */
export type FromThread =
  | { readonly kind: 'started' }
  | { readonly kind: 'finished'; readonly value: Packed }
  | { readonly kind: 'failed'; readonly error: Packed };

/** What its host tells it: there is only one thing. */
export interface ToThread {
  readonly kind: 'stop';
}
