import { describe, expect, it } from 'vitest';

import { tryOut } from './support/check.js';
import { compileAll } from './support/compile.js';
import { allSamples } from './support/samples.js';

const samples = compileAll(allSamples()).map((compiled) => ({
  id: compiled.sample.id,
  compiled,
}));

describe('the samples of the documents and docstrings', () => {
  it('are found', () => {
    const documents = samples.map(({ compiled }) => compiled.sample.document);
    for (const document of [
      'README.md',
      'docs/guide.md',
      'packages/core/src/queues/iterable-queue.ts',
    ])
      expect(documents).toContain(document);
  });

  it.each(samples)('$id has sound types', ({ compiled }) => {
    expect(compiled.problems).toEqual([]);
  });

  it.concurrent.each(samples.filter(({ compiled }) => compiled.sample.runs))(
    '$id prints what it says, and ends',
    async ({ compiled }) => {
      const { went, should } = await tryOut(compiled);
      expect(went).toEqual(should);
    },
    60_000,
  );
});
