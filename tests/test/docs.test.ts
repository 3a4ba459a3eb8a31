import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { root } from './support/places.js';
import { markdownFiles, read } from './support/samples.js';

describe.each(markdownFiles())('%s', (document) => {
  const text = read(document);

  it('links to what is there', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [place = '', anchor] = target.split('#');
      const file = place === '' ? document : path.posix.join(path.posix.dirname(document), place);
      expect(existsSync(path.join(root, file)), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(read(file)), target).toContain(anchor);
    }
  });

  it('names scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    );
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  });

  it('names files that exist', () => {
    const named = [
      ...text.matchAll(/`((?:packages|apps|benchmarks|docs|scripts|tests)\/[\w./-]+)`/g),
    ].map((match) => match[1] ?? '');
    for (const file of named) expect(existsSync(path.join(root, file)), file).toBe(true);
  });
});

it('the README explains every error code', () => {
  const listed = [...read('README.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map((match) => match[1]);
  const source = read('packages/core/src/errors/error.ts');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(20);
  expect(listed.sort()).toEqual(codes.sort());
});

it('the protocol has every kind of message, by its number', () => {
  const kinds = [
    ...read('packages/core/src/channels/ports/messages.ts').matchAll(/^ {2}([A-Z_]+): (\d+),$/gm),
  ];
  const listed = [...read('docs/protocol.md').matchAll(/^\| (\d+) +\| `([A-Z_]+)` /gm)];
  expect(kinds.length).toBeGreaterThan(20);
  expect(listed.map(([, kind, name]) => `${name ?? ''} ${kind ?? ''}`).sort()).toEqual(
    kinds.map(([, name, kind]) => `${name ?? ''} ${kind ?? ''}`).sort(),
  );
});

it('the frames of a conversation are explained, by their numbers', () => {
  const source = read('packages/core/src/protocol/frames.ts');
  const [toOffice = '', toPeer = ''] = source.split('export const TO_PEER');
  const kindsOf = (text: string) =>
    [...text.matchAll(/^ {2}([A-Z_]+): (\d+),$/gm)].map(
      ([, name, kind]) => `${kind ?? ''} ${name ?? ''}`,
    );
  const [, officeTable = '', peerTable = ''] = read('docs/messages.md').split(
    /^\| to (?:the office|a peer) /m,
  );
  const listedIn = (text: string) =>
    [...text.matchAll(/^\| (\d+) +\| `([A-Z_]+)` /gm)].map(
      ([, kind, name]) => `${kind ?? ''} ${name ?? ''}`,
    );
  expect(kindsOf(toOffice).length).toBe(14);
  expect(listedIn(officeTable)).toEqual(kindsOf(toOffice));
  expect(listedIn(peerTable)).toEqual(kindsOf(toPeer));
});

/** The anchors that a Markdown file's headings get. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

it('the channels of diagnostics are all told of', () => {
  const source = read('packages/node-adapter/src/diagnostics.ts');
  const published = [...source.matchAll(/channel\('(millrace:[\w:-]+)'\)/g)].map(
    ([, name]) => name,
  );
  const listed = [...read('docs/telemetry.md').matchAll(/^\| `(millrace:[\w:-]+)` +\|/gm)];
  expect(published.length).toBeGreaterThan(8);
  expect(listed.map(([, name]) => name).sort()).toEqual(published.sort());
});
