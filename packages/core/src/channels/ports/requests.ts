/** Questions to the other side that are not answered yet. */
export class Requests {
  private readonly open_ = new Map<number, { resolve: (answer: never) => void; reject: (error: unknown) => void }>();
  private last = 0;

  get size(): number {
    return this.open_.size;
  }

  open<Answer>(): { request: number; answer: Promise<Answer> } {
    let request = 0;
    const answer = new Promise<Answer>((resolve, reject) => {
      request = this.call(resolve, reject);
    });
    return { request, answer };
  }

  /** Calls back as the answer arrives, before what comes behind it is looked at. */
  call<Answer>(resolve: (answer: Answer) => void, reject: (error: unknown) => void): number {
    this.open_.set(++this.last, { resolve, reject });
    return this.last;
  }

  answer(request: number, answer: unknown): void {
    const waiting = this.open_.get(request);
    this.open_.delete(request);
    waiting?.resolve(answer as never);
  }

  failAll(error: unknown): void {
    const waiting = [...this.open_.values()];
    this.open_.clear();
    for (const { reject } of waiting) reject(error);
  }
}
