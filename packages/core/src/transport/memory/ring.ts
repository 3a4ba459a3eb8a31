/** A first-in-first-out buffer over a circular array whose size is a power of two; it grows, and does not shrink. */
export class Ring<T> {
  private slots: (T | undefined)[];
  private mask: number;
  private first = 0;
  length = 0;

  constructor(expected = 16) {
    let size = 16;
    while (size < expected && size < 1024) size *= 2;
    this.slots = new Array<T | undefined>(size).fill(undefined);
    this.mask = size - 1;
  }

  push(item: T): void {
    if (this.length > this.mask) this.grow();
    this.slots[(this.first + this.length) & this.mask] = item;
    this.length++;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const at = this.first;
    const item = this.slots[at];
    this.slots[at] = undefined;
    this.first = (at + 1) & this.mask;
    this.length--;
    return item;
  }

  /** The item at a place counted from the front. */
  at(place: number): T | undefined {
    return place < this.length ? this.slots[(this.first + place) & this.mask] : undefined;
  }

  /** Takes the last item out. */
  pop(): T | undefined {
    if (this.length === 0) return undefined;
    const at = (this.first + --this.length) & this.mask;
    const item = this.slots[at];
    this.slots[at] = undefined;
    return item;
  }

  private grow(): void {
    const old = this.slots;
    const size = old.length * 2;
    const slots = new Array<T | undefined>(size).fill(undefined);
    for (let i = 0; i < this.length; i++) slots[i] = old[(this.first + i) & this.mask];
    this.slots = slots;
    this.mask = size - 1;
    this.first = 0;
  }
}
