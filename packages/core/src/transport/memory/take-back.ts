import { type Entry, IN_HAND, SETTLED, WAITING } from './entry.js';
import type { Home } from './home.js';

/** How a delivery that is given back was used. */
export type Use = 'begun' | 'maybe' | 'unbegun';

/** What becomes of an item that comes back. Who gets it then is the caller's affair. */
export function takeBack(home: Home, entry: Entry, use: Use, error: unknown): void {
  if (entry.state === SETTLED) return;
  const { spec, counts } = home;
  if (entry.state === IN_HAND) {
    home.inHand--;
    // It was sent to somebody who may not have got it, or had stopped waiting, so that the delivery does not count.
    if (use !== 'begun') entry.begun--;
    if (use === 'unbegun') {
      counts.taken--;
      if (entry.attempt > 1) counts.redelivered--;
    }
  } else home.size--;
  if (error !== undefined) entry.error = error;
  if (entry.epoch !== home.epoch) home.discard(entry, 'cleared');
  else if (use !== 'unbegun' && (entry.moved || spec.acknowledge === 'on-take')) home.discard(entry, 'dropped');
  else if (use === 'begun' && entry.begun >= spec.maxDeliveries) bury(home, entry);
  else {
    entry.state = WAITING;
    home.size++;
    if (use !== 'unbegun') entry.attempt++;
    if (use === 'maybe') entry.alone = true;
    home.waiting.putBack(entry);
  }
}

/** An item in hand is not to be delivered again. */
export function giveUp(home: Home, entry: Entry, error: unknown): void {
  home.inHand--;
  if (error !== undefined) entry.error = error;
  if (entry.epoch !== home.epoch) home.discard(entry, 'cleared');
  else if (entry.moved) home.discard(entry, 'dropped');
  else bury(home, entry);
}

function bury(home: Home, entry: Entry): void {
  home.discard(entry, 'dead');
  home.deadLetters.add(entry);
}
