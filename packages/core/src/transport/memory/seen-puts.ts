/** How many producers are remembered, those heard of last. */
const WINDOW = 1024;

/** Up to which number each producer's puts have arrived: a put that is repeated with its id is known again. */
export class SeenPuts {
  protected readonly highest = new Map<string, number>();

  note(producer: string, sequence: number): void {
    // Re-inserting keeps those heard of last at the end, so that the window forgets the longest silent.
    this.highest.delete(producer);
    this.highest.set(producer, sequence);
    if (this.highest.size <= WINDOW) return;
    const [silent] = this.highest.keys();
    if (silent !== undefined) this.highest.delete(silent);
  }

  /** Whether the put with this id has arrived. */
  has(id: string): boolean {
    const cut = id.lastIndexOf('#');
    const highest = this.highest.get(id.slice(0, cut));
    return highest !== undefined && Number(id.slice(cut + 1)) <= highest;
  }
}
