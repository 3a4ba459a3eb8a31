/** Over how long, in ms, a rate is taken: at two items a second it would be 0 or 4 otherwise. */
const OVER = 2000;

/** How fast something that is only counted goes. */
export class Rate {
  total = 0;
  private readonly seen: { readonly at: number; readonly total: number }[] = [];

  /** Items a second, up to now: to be asked at some rhythm. */
  at(now: number): number {
    const { seen, total } = this;
    seen.push({ at: now, total });
    while (seen.length > 2 && seen[1]!.at <= now - OVER) seen.shift();
    const [first] = seen;
    return now > first!.at ? ((total - first!.total) * 1000) / (now - first!.at) : 0;
  }
}

/** What is known of a worker in its place, whichever worker that is. */
export class Activity {
  readonly rate = new Rate();
  blocked = false;
  inHand = 0;
}
