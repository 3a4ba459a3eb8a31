import { countSchema } from './count-schema.ts';

export default class SumsCounts {
  readonly itemSchema = countSchema;

  work(counts: readonly number[]) {
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
