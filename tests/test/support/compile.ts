import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';
import { afterAll } from 'vitest';

import { here } from './places.js';
import type { Sample, SampleFile } from './samples.js';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  noEmitOnError: false,
};

export interface Compiled {
  readonly sample: Sample;
  /** What the type checker, and we, have against it, each with the document's own line. */
  readonly problems: readonly string[];
  /** The compiled program. */
  readonly main: string;
}

/** Compiles all samples of a test file as one program, each in a folder of its own. */
export function compileAll(samples: readonly Sample[]): Compiled[] {
  const caches = path.join(here, 'node_modules', '.cache');
  mkdirSync(caches, { recursive: true });
  // A folder for each run, since others may run beside it.
  const cache = mkdtempSync(path.join(caches, 'samples-'));
  afterAll(() => {
    rmSync(cache, { recursive: true, force: true });
  });
  writeFileSync(path.join(cache, 'package.json'), '{ "type": "module" }\n');

  const places = new Map<string, { sample: Sample; file: SampleFile }>();
  for (const [i, sample] of samples.entries()) {
    for (const file of sample.files) {
      const place = path.join(cache, String(i), file.name);
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, file.text);
      places.set(place, { sample, file });
    }
  }

  const program = ts.createProgram([...places.keys()], options);
  const problems = new Map<Sample, string[]>();
  const blame = (at: ts.SourceFile, position: number, message: string): void => {
    const place = places.get(path.normalize(at.fileName));
    if (place === undefined) throw new Error(`${at.fileName}: ${message}`);
    const { sample, file } = place;
    const { line } = at.getLineAndCharacterOfPosition(position);
    const all = problems.get(sample) ?? [];
    all.push(`${sample.document}:${String(file.line + line)}: ${message}`);
    problems.set(sample, all);
  };
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (file === undefined) throw new Error(message);
    blame(file, start ?? 0, message);
  }
  for (const [place, shown] of places) {
    const file = program.getSourceFile(place);
    if (file !== undefined && !shown.file.casts)
      findCasts(file, (node) =>
        blame(file, node.getStart(file), `a sample shows no cast: ${node.getText(file)}`),
      );
  }
  program.emit();

  return samples.map((sample, i) => ({
    sample,
    problems: problems.get(sample) ?? [],
    main: path.join(cache, String(i), (sample.files.at(-1)?.name ?? '').replace(/\.ts$/, '.js')),
  }));
}

/** What would hide that types do not fit. */
function findCasts(root: ts.Node, found: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    const isCast =
      (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) ||
      ts.isTypeAssertionExpression(node) ||
      ts.isNonNullExpression(node) ||
      node.kind === ts.SyntaxKind.AnyKeyword;
    if (isCast) found(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
}
