/** A wait for all items that were accepted before it, of which far ones may still be under way. */
export class Join {
  readonly done: Promise<void>;
  resolve!: () => void;
  reject!: (error: unknown) => void;
  /** The place in the order of the first item here that it does not wait for. */
  readonly end: number;
  /** How many items before it, and not before an earlier join's end, are not settled. */
  open: number;
  /** Whether far producers may still send what they had accepted before. */
  gathering = true;
  /** What of that has come and is not settled. */
  readonly late = new Set<number>();

  constructor(end: number, open: number) {
    this.end = end;
    this.open = open;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get over(): boolean {
    return this.open === 0 && this.late.size === 0 && !this.gathering;
  }
}

/** Who waits for all items so far, however many more come. While nobody waits, an item costs nothing here. */
export class Joins {
  private readonly joins: Join[] = [];

  /** Begins to wait for the `open` items that are there, all of which come before `end`. */
  begin(end: number, open: number): Join {
    let own = open;
    for (const earlier of this.joins) own -= earlier.open;
    const join = new Join(end, own);
    this.joins.push(join);
    return join;
  }

  /** Whatever far producers had accepted before the join has come. */
  gathered(join: Join): void {
    join.gathering = false;
    this.check();
  }

  /** The item at this place in the order is settled. */
  settled(order: number): void {
    if (this.joins.length === 0) return;
    let counted = false;
    for (const join of this.joins) {
      join.late.delete(order);
      if (counted || order >= join.end) continue;
      join.open--;
      counted = true;
    }
    this.check();
  }

  failAll(error: unknown): void {
    for (const join of this.joins.splice(0)) join.reject(error);
  }

  /** A later join waits for all that an earlier one does. */
  private check(): void {
    while (this.joins[0]?.over === true) this.joins.shift()?.resolve();
  }
}
