import type { ConsumerContext } from '@millrace/core';

export default class Square {
  work(numbers: readonly number[]): number[] {
    return numbers.map((n) => n * n);
  }

  async onStop(context: ConsumerContext<string>): Promise<void> {
    await context.message(`squared in ${String(globalThis)}`);
  }
}
