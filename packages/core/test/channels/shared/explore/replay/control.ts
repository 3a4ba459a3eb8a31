/** The words by which real threads are held and let go: so many for each, in a memory of their own. */
export const CONTROL_WORDS = 16;
/** As many threads as a scenario can have. */
export const PLACES = 8;

/** How many steps its thread may have done: it stands where it has done so many. `OVER`: the schedule is over. */
export const GRANTED = 0;
/** How many it has done; `OVER`, or `FAILED`. */
export const DONE = 1;
/** The word of the queue's memory at which it sleeps, plus one; 0 if it is awake. */
export const SLEEPS = 2;
/** Set if the time for which it sleeps is over. */
export const EXPIRED = 3;
/** Set by who wakes those that sleep where it does. */
export const WOKEN = 4;
/** Since when a promise of its waits for the lock's next change: as `TURN`; 0 if none does. */
export const WATCHES = 5;
/** What it has done and seen. */
export const TRACE = 6;
/** Since when it sleeps: the number of its wait among those of all, of which the first place counts the latest. */
export const TURN = 7;
export const LAST_TURN = 8;

export const OVER = -1;
export const FAILED = -2;

export type Control = Int32Array<SharedArrayBuffer>;

export function newControl(): Control {
  return new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS * PLACES));
}

export function wordOf(place: number, field: number): number {
  return place * CONTROL_WORDS + field;
}

/** Those who wait are woken in the order in which they began to. */
export function nextTurn(control: Control): number {
  return Atomics.add(control, wordOf(0, LAST_TURN), 1) + 1;
}

export function tell(control: Control, word: number, value: number): void {
  Atomics.store(control, word, value);
  Atomics.notify(control, word);
}
