import type { Entry } from './entry.js';

/** Items that came back, in the order of their first arrival: all of them are older than whatever is in the ring. */
export class Returned {
  private readonly entries: Entry[] = [];

  get length(): number {
    return this.entries.length;
  }

  get first(): Entry | undefined {
    return this.entries[0];
  }

  add(entry: Entry): void {
    let at = this.entries.length;
    while (at > 0 && (this.entries[at - 1]?.order ?? -1) > entry.order) at--;
    this.entries.splice(at, 0, entry);
  }

  shift(): Entry | undefined {
    return this.entries.shift();
  }
}
