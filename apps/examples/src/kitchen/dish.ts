/** What the cooks put on a table. */
export interface Dish {
  /** Unique among all dishes of all kitchens. */
  readonly id: string;
  readonly dish: string;
}
