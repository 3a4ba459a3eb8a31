/** Which pages were seen and crawled, in memory that all crawlers share, in whichever threads they run. */
export class Visits {
  readonly buffer: SharedArrayBuffer;
  private readonly seen: Uint8Array;
  private readonly crawls: Uint8Array;

  private constructor(buffer: SharedArrayBuffer, pages: number) {
    this.buffer = buffer;
    this.seen = new Uint8Array(buffer, 0, pages);
    this.crawls = new Uint8Array(buffer, pages, pages);
  }

  static create(pages: number): Visits {
    return new Visits(new SharedArrayBuffer(2 * pages), pages);
  }

  /** The same visits, in another thread. */
  static open(buffer: SharedArrayBuffer): Visits {
    return new Visits(buffer, buffer.byteLength / 2);
  }

  /** True for whoever sees the page first, and for nobody else. */
  claim(page: number): boolean {
    return Atomics.compareExchange(this.seen, page, 0, 1) === 0;
  }

  crawled(page: number): void {
    Atomics.add(this.crawls, page, 1);
  }

  audit() {
    return {
      crawled: this.crawls.filter((times) => times > 0).length,
      missed: this.crawls.filter((times) => times === 0).length,
      repeated: this.crawls.filter((times) => times > 1).length,
    };
  }
}
