/** Items put between two calls of `join()`: settled together, waited for together. */
export class Cohort {
  open = 0;
}

interface Wait {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Who waits for all items so far, however many more come: each wait seals the cohort that it waits for. */
export class Joins {
  /** The cohort that items join now. */
  current = new Cohort();
  private readonly sealed: { cohort: Cohort; waits: Wait[] }[] = [];

  join(): Promise<void> {
    return new Promise((resolve, reject) => {
      const last = this.sealed.at(-1);
      if (this.current.open === 0 && last !== undefined) last.waits.push({ resolve, reject });
      else {
        this.sealed.push({ cohort: this.current, waits: [{ resolve, reject }] });
        this.current = new Cohort();
      }
    });
  }

  /** An item of this cohort is settled. */
  settled(cohort: Cohort): void {
    if (--cohort.open === 0 && this.sealed.length > 0) this.check();
  }

  failAll(error: unknown): void {
    for (const { waits } of this.sealed.splice(0)) for (const { reject } of waits) reject(error);
  }

  /** A wait is over when its cohort, and all before it, are settled. */
  private check(): void {
    while (this.sealed[0]?.cohort.open === 0) for (const { resolve } of this.sealed.shift()?.waits ?? []) resolve();
  }
}
