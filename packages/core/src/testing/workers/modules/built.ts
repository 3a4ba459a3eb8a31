/** Takes what the host gives in its constructor. */
export default class Built {
  private readonly word: string;

  constructor({ word }: { readonly word: string }) {
    if (word === '') throw new RangeError('no word');
    this.word = word;
  }

  work(): string {
    return this.word;
  }
}
