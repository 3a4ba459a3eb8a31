/** A page that was told of every item would do nothing else. */
const EVERY_MS = 50;

/** Tells something at once, and then at most at this rhythm, and always the latest. */
export class Reporter<T> {
  private readonly tell: (report: T) => void;
  private last = -Infinity;
  private latest: T | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (report: T) => void) {
    this.tell = tell;
  }

  report(report: T): void {
    this.latest = report;
    if (this.timer !== undefined) return;
    const wait = this.last + EVERY_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.timer = setTimeout(this.flush, wait);
  }

  readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest === undefined) return;
    this.tell(this.latest);
    this.latest = undefined;
    this.last = performance.now();
  };
}
