/** How many items have become dead letters, as far as can be known from outside. */
export class DeadCount {
  least = 0;
  most = 0;
  /** Those that were put back, and came as new. */
  revived = 0;
  /** Of the surely dead, those since the present group began. */
  private lately = 0;

  beginGroup(): void {
    this.lately = 0;
  }

  add(): void {
    this.least++;
    this.most++;
    this.lately++;
  }

  /** A clear may have been before those of the present group: they were discarded then, and not buried. */
  doubt(): void {
    this.least -= this.lately;
    this.lately = 0;
  }
}
