/** What travels through the queue. */
export interface Item {
  /** Unique among all items, from 0 up. */
  readonly id: number;
  readonly producer: number;
}
