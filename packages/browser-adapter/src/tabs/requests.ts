interface Open {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What a tab has asked its host, and was not answered yet. */
export class Requests {
  private readonly open = new Map<number, Open>();
  private last = 0;

  /** @param send - sends the question, by its number */
  ask<Answer>(send: (request: number) => void): Promise<Answer> {
    const request = ++this.last;
    return new Promise<Answer>((resolve, reject) => {
      this.open.set(request, { resolve, reject });
      send(request);
    });
  }

  answer(request: number, answer: unknown): void {
    this.take(request)?.resolve(answer as never);
  }

  fail(request: number, error: unknown): void {
    this.take(request)?.reject(error);
  }

  failAll(error: unknown): void {
    for (const request of [...this.open.keys()]) this.fail(request, error);
  }

  private take(request: number): Open | undefined {
    const open = this.open.get(request);
    this.open.delete(request);
    return open;
  }
}
