import type { ProducerEndpoint } from '@millrace/core';

export interface PutsManyArgs {
  readonly out: ProducerEndpoint<number>;
  readonly sizes: readonly number[];
}

/** Puts whole numbers in batches, and answers what became of them. */
export default async function putsMany({ out, sizes }: PutsManyArgs) {
  const answers = [];
  let next = 0;
  for (const size of sizes) {
    answers.push(await out.putMany(Array.from({ length: size }, (_, i) => next + i)));
    next += size;
  }
  return answers;
}
