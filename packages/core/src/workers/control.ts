import type { Packed } from '../channels/values/errors.js';
import type { SentArgs } from './send-args.js';
import type { WorkerRole } from './handle.js';

/** What a worker in a thread or process of its own is started with. */
export interface WorkerStart {
  readonly id: string;
  /** The worker's module: its URL, or what it is called where something else starts it. */
  readonly place: string;
  readonly role: WorkerRole | undefined;
  readonly sent: SentArgs;
}

/** What it tells its host. */
export type FromWorker =
  | { readonly kind: 'started' }
  /** For the host's listener. */
  | { readonly kind: 'post'; readonly message: Packed }
  | { readonly kind: 'finished'; readonly value: Packed }
  | { readonly kind: 'failed'; readonly error: Packed }
  /** Nobody caught it: where the platform does not tell the host by itself. */
  | { readonly kind: 'uncaught'; readonly error: Packed };

/** What its host tells it. */
export type ToWorker =
  | { readonly kind: 'stop' }
  /** For the worker's listener, endpoints included. */
  | { readonly kind: 'post'; readonly sent: SentArgs };
