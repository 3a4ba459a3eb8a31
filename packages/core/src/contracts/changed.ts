import type { ItemHeaders, Taken } from '../transport/backend.js';

/** An item of whose value its schema has made another. */
class Changed implements Taken {
  readonly value: unknown;
  readonly original: Taken;

  constructor(value: unknown, original: Taken) {
    this.value = value;
    this.original = original;
  }

  get attempt(): number {
    return this.original.attempt;
  }

  get moved(): boolean {
    return this.original.moved;
  }

  get fence(): number | undefined {
    return this.original.fence;
  }

  get headers(): ItemHeaders | undefined {
    return this.original.headers;
  }
}

export function withValue(taken: Taken, value: unknown): Taken {
  return Object.is(value, taken.value) ? taken : new Changed(value, taken);
}

/** As its home knows it. */
export function originalOf(taken: Taken): Taken {
  return taken instanceof Changed ? taken.original : taken;
}
