import type { EndpointInfo, ErrorCode, QueueEvents, QueueSpec } from '@millrace/core';
import type { Packed } from '@millrace/core/channels';

/** Tabs of one release and a host of another may meet: they have to speak the same. */
export const VERSION = 1;

export type Role = 'producer' | 'consumer';

/** What a tab says to its host, apart from what its endpoints say. A queue is known by the tab's own number. */
export type ToHost =
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly name: string;
      /** The lock that the tab holds while it lives. */
      readonly lock: string;
    }
  | { readonly kind: 'attach'; readonly queue: number; readonly spec: QueueSpec }
  | {
      readonly kind: 'open';
      readonly queue: number;
      readonly role: Role;
      readonly id: string;
      readonly info: EndpointInfo;
      readonly slot: string | undefined;
      /** It was open with another host before. */
      readonly again: boolean;
      /** What the host makes its side of the endpoint's link of. */
      readonly port: unknown;
    }
  /** The endpoint was handed to a worker of the tab's. */
  | { readonly kind: 'moved'; readonly queue: number; readonly id: string; readonly worker: string }
  /** The worker that had these is gone. */
  | { readonly kind: 'lost'; readonly ids: readonly (readonly [queue: number, id: string])[] }
  | {
      readonly kind: 'slot';
      readonly again: boolean;
      readonly queue: number;
      readonly role: Role;
      readonly id: string;
      readonly info: EndpointInfo;
    }
  | { readonly kind: 'unslot'; readonly queue: number; readonly id: string }
  | { readonly kind: 'close'; readonly queue: number }
  | {
      readonly kind: 'ask';
      readonly queue: number;
      readonly request: number;
      readonly what: keyof Questions;
      readonly with: unknown;
    }
  /** The tab has no more to do with the queue: what of its endpoints is still open hears why. */
  | {
      readonly kind: 'detach';
      readonly queue: number;
      readonly code: ErrorCode;
      readonly why: string;
    }
  /** The tab leaves. Answered once nothing of it is left. */
  | { readonly kind: 'leave'; readonly request: number };

/** What a tab says to its host of one queue that it takes part in. */
export type OfQueue = Extract<
  ToHost,
  { readonly kind: 'open' | 'moved' | 'slot' | 'unslot' | 'close' | 'ask' }
>;

/** What a tab asks of a queue's home, and is answered in its own time. */
export interface Questions {
  clear: undefined;
  join: undefined;
  stats: undefined;
  blockers: undefined;
  health: undefined;
  setReady: undefined;
  setNotReady: undefined;
  refuse: undefined;
  letters: undefined;
  readLetters: number;
  putBackLetters: readonly string[] | 'all';
  purgeLetters: readonly string[] | 'all';
}

export type ToTab =
  | {
      readonly kind: 'welcome';
      /** The lock that the host holds while it lives. */ readonly lock: string;
    }
  /** The host does not serve this tab. */
  | { readonly kind: 'refused'; readonly error: Packed }
  | {
      readonly kind: 'attached';
      readonly queue: number;
      readonly closed: boolean;
      readonly ended: boolean;
      readonly ready: boolean;
    }
  /** The tab takes no part in the queue. */
  | { readonly kind: 'failed'; readonly queue: number; readonly error: Packed }
  /** Somebody closed the queue to new producers. */
  | { readonly kind: 'closed'; readonly queue: number }
  | {
      readonly kind: 'event';
      readonly queue: number;
      readonly type: keyof QueueEvents;
      readonly event: Packed;
    }
  | { readonly kind: 'answer'; readonly request: number; readonly answer: Packed }
  | { readonly kind: 'failure'; readonly request: number; readonly error: Packed };

/** What a host says to a tab of one queue that it takes part in. */
export type ToQueue = Extract<ToTab, { readonly kind: 'attached' | 'closed' | 'event' }>;
