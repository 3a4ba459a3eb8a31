/** Items are a number times this, and the number of the tab that put them. */
export const RUNS = 1000;

/** An order to all tabs. */
export const EACH = '*';

/** What the test tells a tab to do. */
export type Order =
  | {
      readonly kind: 'put';
      readonly queue: string;
      readonly from: number;
      readonly to: number;
      /** Below `RUNS`. */
      readonly run: number;
    }
  | { readonly kind: 'take'; readonly queue: string }
  /** Takes so many, and never settles them. */
  | { readonly kind: 'keep'; readonly queue: string; readonly count: number }
  /** What it said to be settled has been heard. */
  | { readonly kind: 'noted' }
  /** Asks the queue's host something, and says when it was answered. */
  | { readonly kind: 'ask'; readonly queue: string; readonly ask: number }
  /** Closes the queue, and says when it has ended. */
  | { readonly kind: 'end'; readonly queue: string }
  | { readonly kind: 'close' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'away' }
  | { readonly kind: 'leave' };

export type Ask = { readonly to: string; readonly order: Order };

/** What a tab says. */
export type Said =
  | { readonly from: string; readonly kind: 'ready' }
  /** Brought back from the back-forward cache, as it was. */
  | { readonly from: string; readonly kind: 'restored' }
  /** Up to here, not including it, everything is confirmed. */
  | { readonly from: string; readonly kind: 'confirmed'; readonly upTo: number }
  | { readonly from: string; readonly kind: 'put-all' }
  | {
      readonly from: string;
      readonly kind: 'settled';
      readonly items: readonly (readonly [item: number, attempt: number])[];
    }
  | { readonly from: string; readonly kind: 'kept'; readonly items: readonly number[] }
  | { readonly from: string; readonly kind: 'took-all' }
  | { readonly from: string; readonly kind: 'told'; readonly ask: number }
  | { readonly from: string; readonly kind: 'ended' }
  | { readonly from: string; readonly kind: 'left' }
  | {
      readonly from: string;
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
    };
