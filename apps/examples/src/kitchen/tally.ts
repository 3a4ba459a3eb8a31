/** What is known here of one dish: by those who have cooked it, and by those who have eaten it. */
export class Tally {
  private readonly cooked = new Set<string>();
  private readonly eaten = new Map<string, number>();
  private redelivered = 0;
  private readonly run: string;

  constructor(run: string) {
    this.run = run;
  }

  cook(id: string): void {
    this.cooked.add(id);
  }

  eat(ids: readonly string[], redelivered: number): void {
    for (const id of ids) this.eaten.set(id, (this.eaten.get(id) ?? 0) + 1);
    this.redelivered += redelivered;
  }

  /** `left` is how many lie on the table still. */
  sum(left: number) {
    const eaten = [...this.eaten.keys()];
    const missing = [...this.cooked].filter((id) => !this.eaten.has(id)).length;
    return {
      /** Surely put on the table, by cooks of this program. */
      cooked: this.cooked.size,
      /** Dishes, however often, by customers of this program. */
      eaten: eaten.length,
      /** Those of them that others had cooked, or that an earlier run had left. */
      ofOthers: eaten.filter((id) => !id.startsWith(`${this.run} `)).length,
      /** Eaten once more, and what said so of itself. */
      again: [...this.eaten.values()].reduce((sum, times) => sum + times - 1, 0),
      redelivered: this.redelivered,
      /** Cooked here, not eaten here, and not on the table: of nobody else's concern if nobody else eats there. */
      missing: Math.max(0, missing - left),
      left,
    };
  }
}
