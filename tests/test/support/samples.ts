import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { root } from './places.js';

export interface SampleFile {
  readonly name: string;
  /** It may cast: marked `casts`, where types end at a boundary and users need not follow. */
  readonly casts: boolean;
  readonly text: string;
  /** Lines before it in the document, so that errors name the right one. */
  readonly line: number;
}

/** A program, or a file of types, that a document shows. */
export interface Sample {
  /** The document and the line: `README.md:40`. */
  readonly id: string;
  readonly document: string;
  /** The last file is the one to run. */
  readonly files: readonly SampleFile[];
  readonly runs: boolean;
  /** What it says that it prints, a line each. */
  readonly prints: readonly string[];
}

/** A fenced block, with the heading that it stands under. */
interface Fence {
  readonly info: string;
  readonly text: string;
  readonly line: number;
  readonly section: number;
}

/** The Markdown files that people read. */
export function markdownFiles(): string[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const ofPackages = [...packages(), 'apps/examples', 'benchmarks'].map(
    (folder) => `${folder}/README.md`,
  );
  return [...top, ...filesIn('docs', '.md'), ...ofPackages].filter((file) =>
    existsSync(path.join(root, file)),
  );
}

/** Every TypeScript sample of the documents and of the docstrings. */
export function allSamples(): Sample[] {
  const ofDocuments = markdownFiles().flatMap((file) => samplesOfMarkdown(file, read(file)));
  const sources = packages().flatMap((folder) => filesIn(`${folder}/src`, '.ts'));
  return [...ofDocuments, ...sources.flatMap((file) => samplesOfDocstrings(file, read(file)))];
}

export function samplesOfMarkdown(document: string, text: string): Sample[] {
  return samplesOf(document, fencesOf(text));
}

export function samplesOfDocstrings(document: string, text: string): Sample[] {
  return examplesOf(text).flatMap((fences) => samplesOf(document, fences));
}

function packages(): string[] {
  return readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .sort();
}

export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/**
 * A block whose first line is a comment with nothing but a file's name is that file, for whatever
 * follows it under the same heading. Every other block is a sample, and one marked `ts run` a program.
 */
function samplesOf(document: string, fences: readonly Fence[]): Sample[] {
  const samples: Sample[] = [];
  const add = (files: readonly SampleFile[], line: number, runs: boolean): void => {
    const [shown = [], ...others] = files.map(({ text }) => printed(text)).reverse();
    if (others.some((lines) => lines.length > 0))
      throw new Error(`${document}:${String(line)}: only the last file may say what it prints.`);
    const prints = runs ? shown : [];
    samples.push({ id: `${document}:${String(line)}`, document, files, runs, prints });
  };
  let named: SampleFile[] = [];
  let used = false;
  let section: number | undefined;
  const endSection = (): void => {
    // Without a program behind them, each still sees those before it.
    if (!used)
      for (const [i, file] of named.entries()) add(named.slice(0, i + 1), file.line, false);
    named = [];
    used = false;
  };
  for (const { info, text, line, section: at } of fences) {
    const [language, ...marks] = info.split(' ');
    if (language !== 'ts') continue;
    if (at !== section) endSection();
    section = at;
    const name = /^\/\/ ([\w./-]+\.ts)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1];
    const file = { name: name ?? 'main.ts', casts: marks.includes('casts'), text, line };
    const runs = marks.includes('run');
    if (name !== undefined && !runs) {
      named.push(file);
      continue;
    }
    add([...named, file], line, runs);
    used = true;
  }
  endSection();
  return samples;
}

function printed(text: string): string[] {
  return [...text.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1] ?? '');
}

function fencesOf(markdown: string, firstLine = 1): Fence[] {
  const fences: Fence[] = [];
  let open:
    { mark: string; indent: number; info: string; line: number; text: string[] } | undefined;
  let section = 0;
  for (const [i, line] of markdown.split('\n').entries()) {
    const fence = /^( *)(```+)(.*)$/.exec(line);
    if (open === undefined) {
      if (/^#{1,6} /.test(line)) section++;
      if (fence === null) continue;
      const [, indent = '', mark = '', info = ''] = fence;
      open = { mark, indent: indent.length, info: info.trim(), line: firstLine + i + 1, text: [] };
    } else if (fence?.[2] === open.mark && fence[3] === '') {
      fences.push({ info: open.info, text: `${open.text.join('\n')}\n`, line: open.line, section });
      open = undefined;
    } else open.text.push(line.slice(Math.min(open.indent, line.length)));
  }
  if (open !== undefined)
    throw new Error(`The fence before line ${String(open.line)} is not closed.`);
  return fences;
}

/** The fences of each `@example` of a source file's docstrings. */
function examplesOf(source: string): Fence[][] {
  const examples: Fence[][] = [];
  for (const comment of source.matchAll(/\/\*\*\n[\s\S]*?\*\//g)) {
    const firstLine = source.slice(0, comment.index).split('\n').length;
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
    let from: number | undefined;
    for (const [i, line] of [...lines, '@'].entries()) {
      if (!/^@\w*/.test(line)) continue;
      if (from !== undefined) {
        const fences = fencesOf(lines.slice(from, i).join('\n'), firstLine + from);
        if (fences.length === 0)
          throw new Error(`The @example before line ${String(firstLine + i)} has no fenced block.`);
        examples.push(fences);
      }
      from = line.startsWith('@example') ? i + 1 : undefined;
    }
  }
  return examples;
}
