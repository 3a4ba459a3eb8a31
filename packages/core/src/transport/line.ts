/** A node of a {@link Line}: whatever waits carries its own links, so that joining and leaving cost no allocation. */
export interface InLine<Self> {
  before: Self | undefined;
  after: Self | undefined;
  inLine: boolean;
}

/** First come, first served, with leaving from the middle in constant time (an intrusive doubly linked list). */
export class Line<Node extends InLine<Node>> {
  head: Node | undefined;
  private tail: Node | undefined;
  length = 0;

  /** Joins at the end, or in front of one that is in line. */
  join(node: Node, next?: Node): void {
    if (node.inLine) return;
    const last = next === undefined ? this.tail : next.before;
    node.inLine = true;
    node.before = last;
    node.after = next;
    if (last === undefined) this.head = node;
    else last.after = node;
    if (next === undefined) this.tail = node;
    else next.before = node;
    this.length++;
  }

  leave(node: Node): boolean {
    if (!node.inLine) return false;
    const { before, after } = node;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.tail = before;
    else after.before = before;
    node.before = undefined;
    node.after = undefined;
    node.inLine = false;
    this.length--;
    return true;
  }

  shift(): Node | undefined {
    const node = this.head;
    if (node !== undefined) this.leave(node);
    return node;
  }

  *[Symbol.iterator](): Generator<Node> {
    for (let node = this.head; node !== undefined; ) {
      const next: Node | undefined = node.after;
      yield node;
      node = next;
    }
  }
}
