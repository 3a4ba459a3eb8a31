import { describe, expect, it } from 'vitest';

import { compileAll } from './support/compile.js';
import { run, userNode } from './support/run.js';
import { allSamples } from './support/samples.js';

const samples = compileAll('samples', allSamples());

describe('the samples of the documents and docstrings', () => {
  it('are found', () => {
    const documents = new Set(samples.map(({ sample }) => sample.document));
    expect([...documents]).toEqual(
      expect.arrayContaining(['README.md', 'docs/guide.md', 'packages/core/src/queues/iterable-queue.ts']),
    );
  });

  it.each(samples.map((compiled) => [compiled.sample.id, compiled] as const))('%s has sound types', (_, { problems }) => {
    expect(problems).toEqual([]);
  });

  it.concurrent.each(samples.filter(({ sample }) => sample.runs).map((compiled) => [compiled.sample.id, compiled] as const))(
    '%s prints what it says, and ends',
    async (_, { sample, main }) => {
      const { code, stdout, stderr } = await run(userNode, [main]);
      expect({ code, stderr, printed: stdout.split('\n').slice(0, -1) }).toEqual({ code: 0, stderr: '', printed: sample.prints });
    },
    60_000,
  );
});
