/** A set of whole numbers from 0 up that come roughly in order: mostly one interval. */
export class Intervals {
  /** Where each begins, and where the next number behind it is. In order, none touching the next. */
  private readonly bounds: [from: number, to: number][] = [];

  /** How many numbers below `to` it has. */
  below(to: number): number {
    let count = 0;
    for (const [from, end] of this.bounds) count += Math.max(0, Math.min(end, to) - from);
    return count;
  }

  add(from: number, to: number): void {
    const { bounds } = this;
    // What is added is mostly new: it belongs near the end.
    let last = bounds.length;
    while (last > 0 && bounds[last - 1]![0] > to) last--;
    let first = last;
    while (first > 0 && bounds[first - 1]![1] >= from) first--;
    const touched = bounds.slice(first, last);
    const begin = Math.min(from, ...touched.map(([start]) => start));
    const end = Math.max(to, ...touched.map(([, stop]) => stop));
    bounds.splice(first, last - first, [begin, end]);
  }

  /** How many intervals it is made of. */
  get parts(): number {
    return this.bounds.length;
  }
}
