import type { ProducerContext } from '@millrace/core';

/** Counts by itself, ahead of whoever takes its numbers, and goes on from wherever it is told. */
export default class Count {
  private next = 0;

  work() {
    return this.next++;
  }

  async onMessage(from: number, context: ProducerContext) {
    this.next = from;
    // What was counted ahead is of no use any more.
    await context.flush();
  }
}
