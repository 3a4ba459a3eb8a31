/** Items that might be taken for something else. */
export default class OddItems {
  private left: unknown[] = [undefined, null, false, [1, 2], [1, 2, 3], { done: true, value: 1 }, ''];

  // A field, not a method.
  work = (context: { readonly skip: symbol; stop(): void }): unknown => {
    if (this.left.length > 0) return this.left.shift();
    context.stop();
    return context.skip;
  };
}
