import { B, CONSUMER, E, FREE, HOST_COUNTS, IN_HAND, LEFT_END, NEXT_PLACE, R, SIZE, slotAt, SYNC, TOP } from './layout.js';
import { ringAll } from './endpoints.js';
import { AT_HOME_LIST, isBefore, listOf } from './runs.js';
import type { Words } from './words.js';

interface Wait {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Points in time that all endpoints are told of. */
export class Syncs {
  private readonly open: { readonly number: number; readonly from: number; readonly resolve: (end: number) => void; readonly reject: (error: unknown) => void }[] = [];

  /**
   * To be called in a step; resolves when every endpoint has answered, with the place behind the items that were accepted
   * before. Where an endpoint had some that it had not sent, later ones of others may be before that place, too.
   */
  begin(s: Words): Promise<number> {
    const from = s.get(NEXT_PLACE);
    const number = s.get(SYNC) + 1;
    s.set(SYNC, number);
    ringAll(s);
    return new Promise((resolve, reject) => {
      this.open.push({ number, from, resolve, reject });
      this.check(s);
    });
  }

  check(s: Words): void {
    if (this.open.length === 0) return;
    let answered = Infinity;
    for (let slot = 0; slot < s.get(TOP); slot++) {
      const e = slotAt(slot);
      if (s.get(e + E.ROLE) !== FREE) answered = Math.min(answered, s.get(e + E.SYNCED));
    }
    while (this.open[0] !== undefined && this.open[0].number <= answered) {
      const { from, resolve } = this.open.shift()!;
      resolve(endOf(s, from));
    }
  }

  dispose(): void {
    for (const { from, resolve } of this.open.splice(0)) resolve(from);
  }
}

/** Who waits until all items that were there are settled. */
export class SharedJoins {
  private readonly open: (Wait & { readonly end: number })[] = [];

  begin(s: Words, end: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.open.push({ end, resolve, reject });
      s.add(HOST_COUNTS, 1);
      this.check(s);
    });
  }

  check(s: Words): void {
    if (this.open.length === 0) return;
    const first = firstOpen(s);
    while (this.open[0] !== undefined && !isBefore(first, this.open[0].end)) {
      s.add(HOST_COUNTS, -1);
      this.open.shift()?.resolve();
    }
  }

  failAll(error: unknown): void {
    for (const { reject } of this.open.splice(0)) reject(error);
  }
}

/** Of the places from there on, those of endpoints that have answered since, or left. */
function endOf(s: Words, from: number): number {
  let end = from;
  const reaches = (at: number): void => {
    const place = s.get(at);
    // Those of endpoints that have put nothing for long are from another round.
    if (isBefore(end, place) && !isBefore(s.get(NEXT_PLACE), place)) end = place;
  };
  reaches(LEFT_END);
  for (let slot = 0; slot < s.get(TOP); slot++) if (s.get(slotAt(slot) + E.ROLE) !== FREE) reaches(slotAt(slot) + E.SYNCED_END);
  return end;
}

/** The place of the first item that is not settled, or of the next one. */
function firstOpen(s: Words): number {
  let first = s.get(NEXT_PLACE);
  if (s.get(SIZE) + s.get(IN_HAND) === 0) return first;
  const look = (list: number): void => {
    for (let run = s.get(list); run !== 0; run = s.get(run + R.NEXT)) {
      const place = (s.get(s.get(run + R.BLOCK) + B.PLACE) + s.get(run + R.FROM)) | 0;
      if (isBefore(place, first)) first = place;
    }
  };
  look(AT_HOME_LIST);
  for (let slot = 0; slot < s.get(TOP); slot++) if (s.get(slotAt(slot) + E.ROLE) === CONSUMER) look(listOf(slot));
  return first;
}
