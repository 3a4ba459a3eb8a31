import type { ProducerEndpoint, PutAnswer } from '@millrace/core';

export interface PutAnswersArgs {
  readonly out: ProducerEndpoint<number>;
  readonly count: number;
  readonly how: 'put' | 'tryPut' | 'putMany';
  /** Whether it exits in the turn of its last answer. */
  readonly exit?: boolean;
}

/** Puts whole numbers, each behind the answer to the one before. */
export default async function putAnswers({
  out,
  count,
  how,
  exit = false,
}: PutAnswersArgs): Promise<unknown[]> {
  const answers: (PutAnswer | boolean)[] = [];
  if (how === 'putMany') return [await out.putMany(Array.from({ length: count }, (_, n) => n))];
  for (let n = 0; n < count; n++) answers.push(await out[how](n));
  if (exit) process.exit(3);
  return answers;
}
