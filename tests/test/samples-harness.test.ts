import { describe, expect, it } from 'vitest';

import { tryOut } from './support/check.js';
import { compileAll } from './support/compile.js';
import { type Sample, samplesOfDocstrings, samplesOfMarkdown } from './support/samples.js';

type Block = readonly [info: string, ...lines: string[]];

/** A document with these blocks. */
function document(...blocks: Block[]): Sample[] {
  const fences = blocks.map(([info, ...lines]) => ['```' + info, ...lines, '```', ''].join('\n'));
  return samplesOfMarkdown('A.md', fences.join('\n'));
}

describe('what the harness finds', () => {
  it('are programs of one file and of several', () => {
    const samples = document(
      ['ts run', "console.log('alone'); // prints: alone"],
      ['sh', 'npm test'],
      ['ts', '// helper.ts', 'export const n = 1;'],
      ['ts run', '// main.ts', "import { n } from './helper.js';", 'console.log(n); // prints: 1'],
      ['ts', 'export const shown = 1;'],
    );
    const found = samples.map(({ id, files, runs, prints }) => [
      id,
      files.map(({ name }) => name),
      runs,
      prints,
    ]);
    expect(found).toEqual([
      ['A.md:2', ['main.ts'], true, ['alone']],
      ['A.md:15', ['helper.ts', 'main.ts'], true, ['1']],
      ['A.md:21', ['helper.ts', 'main.ts'], false, []],
    ]);
  });

  it('are the examples of docstrings, with their lines', () => {
    const source = [
      'const before = 1;',
      '/**',
      ' * Does it.',
      ' *',
      ' * @example',
      ' * ```ts run',
      ' * doIt();',
      ' * ```',
      ' */',
      'export function doIt() {}',
    ];
    const [sample] = samplesOfDocstrings('a.ts', source.join('\n'));
    const files = [{ name: 'main.ts', text: 'doIt();\n', line: 7 }];
    expect(sample).toMatchObject({ id: 'a.ts:7', runs: true, files });
  });
});

const wrong: readonly (readonly [what: string, code: string, problem: RegExp])[] = [
  [
    'a type that does not fit',
    "import { memory } from '@millrace/core';\nmemory().name = 1;",
    /^A\.md:3: .*read-only/,
  ],
  ['a cast', 'export const n = 1 as unknown as string;', /^A\.md:2: .*cast/],
  ['a cast of what has no type', 'export const n = JSON.parse("1") as number;', /cast/],
  ['an any', 'export const n: any = 1;', /cast/],
  ['an assertion', 'export const n = [1][0]!;', /cast/],
];
const failing = [
  ['prints something else', 'console.log(1); // prints: 2'],
  ['prints more', 'console.log(1);'],
  ['prints less', '// prints: 1'],
  ['prints to stderr', "console.error('no');"],
  ['fails', "throw new Error('no');"],
  ['is left waiting', 'await new Promise(() => {});'],
] as const;
const fine = ['ts run', 'console.log([1] as const); // prints: [ 1 ]'] as const;

// One compilation for all.
const compiled = compileAll([
  ...wrong.flatMap(([, code]) => document(['ts', ...code.split('\n')])),
  ...failing.flatMap(([, code]) => document(['ts run', code])),
  ...document(fine),
]);

describe('what the harness has to say', () => {
  it.each(wrong.map(([what, , problem], i) => ({ what, problem, i })))(
    '$what',
    ({ problem, i }) => {
      expect(compiled[i]?.problems[0]).toMatch(problem);
    },
  );

  it.concurrent.each(failing.map(([what], i) => ({ what, i })))(
    'a program that $what',
    async ({ i }) => {
      const { went, should } = await tryOut(compiled[wrong.length + i]!);
      expect(went).not.toEqual(should);
    },
    60_000,
  );

  it('nothing, of a program that is fine', async () => {
    const last = compiled.at(-1)!;
    expect(last.problems).toEqual([]);
    const { went, should } = await tryOut(last);
    expect(went).toEqual(should);
  }, 60_000);
});
