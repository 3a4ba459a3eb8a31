import type { QueueStats } from '@millrace/core';

import type { ChannelName } from './channel.js';
import type { PlaceState, Role } from './place.js';
import type { Settings } from './settings.js';

/** What the page asks of the home of the line. */
export type Command =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'ready'; readonly ready: boolean }
  /** How fast items go by these channels: meanwhile the producers rest. */
  | { readonly kind: 'measure'; readonly channels: readonly ChannelName[] }
  /** This worker, or any. */
  | { readonly kind: 'crash'; readonly role: Role; readonly index: number | undefined };

/** What the page is told of the line: counts, and never of an item. */
export type Seen =
  /** There is another queue now, and all counts begin anew. */
  | { readonly kind: 'opened'; readonly settings: Settings }
  | {
      readonly kind: 'place';
      readonly role: Role;
      readonly index: number;
      readonly state: PlaceState;
    }
  /** So much more than it had said before. */
  | {
      readonly kind: 'made';
      readonly index: number;
      readonly accepted: number;
      readonly refused: number;
      readonly blocked: boolean;
    }
  | {
      readonly kind: 'worked';
      readonly index: number;
      readonly took: number;
      /** Of those, the ones that said that they may have come before. */
      readonly again: number;
      readonly settled: number;
      readonly inHand: number;
    }
  /** A worker is gone; so many items that it had taken went back. */
  | {
      readonly kind: 'lost';
      readonly role: Role;
      readonly index: number;
      readonly returned: number;
    }
  /** There was none to crash. */
  | { readonly kind: 'spared'; readonly role: Role }
  | { readonly kind: 'ready'; readonly ready: boolean; readonly discarded: number }
  /** Items a second by a channel, from a worker to another. */
  | {
      readonly kind: 'rate';
      readonly channel: ChannelName;
      readonly rate: number | 'measuring …' | 'failed';
    }
  | {
      readonly kind: 'stats';
      readonly stats: QueueStats;
      readonly waiting: Waiting;
      readonly audit: Audit;
    };

/** How long, in ms, items of late had waited; null where there was none. */
export interface Waiting {
  readonly mean: number | null;
  readonly longest: number | null;
}

/** What the ledger has found. */
export interface Audit {
  /** Items that were checked. */
  readonly judged: number;
  readonly lost: number;
}
