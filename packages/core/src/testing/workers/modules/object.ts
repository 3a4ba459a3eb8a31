/** A producer that is an object. */
export default {
  next: 0,
  onStart(from: number): void {
    this.next = from;
  },
  work(): number {
    return this.next++;
  },
};
