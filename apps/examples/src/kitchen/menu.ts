/** A dish of the menu, and the rhythms of those who cook and eat it. */
export interface Course {
  readonly dish: string;
  /** How many cook it, and how long each takes for one, in ms. */
  readonly cooks: number;
  readonly cookingMs: number;
  /** How many eat it, how much at once, how long they wait for that much, and how long they take over it, in ms. */
  readonly customers: number;
  readonly atOnce: number;
  readonly patienceMs: number;
  readonly eatingMs: number;
}

/** Soup is cooked often and eaten plate by plate; cake seldom, and several pieces at once. */
export const menu: readonly Course[] = [
  { dish: 'soup', cooks: 2, cookingMs: 20, customers: 2, atOnce: 1, patienceMs: 0, eatingMs: 10 },
  { dish: 'cake', cooks: 1, cookingMs: 70, customers: 1, atOnce: 5, patienceMs: 300, eatingMs: 20 },
];
