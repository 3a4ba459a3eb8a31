import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { nodeOf } from './support/nodes.js';
import { Installation, packed } from './support/package.js';
import { root } from './support/places.js';

const LONG = 120_000;
const there = new Installation();
beforeAll(() => there.install(), LONG);
afterAll(() => there.remove());

describe('the packed packages', () => {
  it('install without any other', () => {
    expect(there.installed().sort()).toEqual([...packed]);
  });

  it.each(packed)('%s has what it needs, and nothing else', (name) => {
    const files = there.files(name);
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'package.json',
        'dist/index.js',
        'dist/index.d.ts',
      ]),
    );
    expect(
      files.filter(
        (file) =>
          !/^(LICENSE|README\.md|package\.json|dist\/[\w./-]+\.(js|js\.map|d\.ts))$/.test(file),
      ),
    ).toEqual([]);
    expect(files.filter((file) => /\.(test|test-d|config)\./.test(file))).toEqual([]);
  });

  it.each(packed)('%s names versions, and no place in the workspace', (name) => {
    const { dependencies = {}, ...manifest } = there.manifest(name);
    expect(there.read(name, 'package.json')).not.toMatch(/workspace:|file:|link:/);
    expect(Object.keys(dependencies)).toEqual(name === '@millrace/core' ? [] : ['@millrace/core']);
    expect(manifest.type).toBe('module');
    for (const file of there.files(name))
      expect(there.read(name, file).includes(path.normalize(root)), file).toBe(false);
  });

  it.each(packed)('%s has the files that its exports name, types first', (name) => {
    for (const [entry, target] of Object.entries(there.manifest(name).exports)) {
      const conditions = typeof target === 'string' ? { default: target } : target;
      for (const file of Object.values(conditions))
        expect(there.has(name, file), `${entry}: ${file}`).toBe(true);
      if (entry === './package.json') continue;
      const order = Object.keys(conditions);
      expect([order[0], order.at(-1)], entry).toEqual(['types', 'default']);
    }
  });

  it.each(packed)('%s has source maps that show their sources', (name) => {
    for (const file of there.files(name).filter((each) => each.endsWith('.js'))) {
      const map = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(there.read(name, file))?.[1];
      if (map === undefined) continue;
      const place = path.posix.join(path.posix.dirname(file), map);
      const {
        sources,
        sourcesContent = [],
      }: { sources: string[]; sourcesContent?: (string | null)[] } = JSON.parse(
        there.read(name, place),
      );
      for (const [i, source] of sources.entries()) {
        expect(path.isAbsolute(source), `${place}: ${source}`).toBe(false);
        const shown =
          typeof sourcesContent[i] === 'string' ||
          there.has(name, path.posix.join(path.posix.dirname(place), source));
        expect(shown, `${place}: ${source}`).toBe(true);
      }
    }
  });

  it.each(packed)('%s is in order for publint', async (name) => {
    const { messages, pkg } = await publint({
      pkgDir: there.place(name),
      pack: false,
      level: 'warning',
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(['nodenext', 'bundler'] as const)(
    'have types that fit a strict program, %s',
    (resolution) => {
      expect(there.compile('packed', resolution)).toEqual([]);
    },
    LONG,
  );
});

describe.each([20, 24])('on Node %i, the packed packages', (major) => {
  let node: string;
  beforeAll(async () => {
    node = await nodeOf(major);
    if (!there.isCompiled) there.compile('packed', 'nodenext');
  }, LONG);

  it(
    'run a program on memory and on threads',
    async () => {
      const { code, stdout, stderr } = await there.run(node, path.join('out', 'main.js'));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.split('\n')).toEqual([
        'memory: 333833500, 1000 by square-1, square-2, square-3, then ENDPOINT_CLOSED',
        'worker-threads: 333833500, 1000 by square-1, square-2, square-3, then ENDPOINT_CLOSED',
        '',
      ]);
    },
    LONG,
  );

  it.each(packed)('load: every entry point of %s', async (name) => {
    const entries = Object.keys(there.manifest(name).exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => path.posix.join(name, entry));
    const code = `for (const entry of ${JSON.stringify(entries)}) await import(entry).then(Object.keys); console.log('loaded')`;
    const outcome = await there.run(node, '--input-type=module', '--eval', code);
    expect(outcome).toEqual({ code: 0, stdout: 'loaded\n', stderr: '' });
  });

  it('can be required', async () => {
    const from = pathToFileURL(path.join(there.folder, 'index.cjs')).href;
    const code = `const require = process.getBuiltinModule('module').createRequire(${JSON.stringify(from)}); console.log(${packed
      .map((name) => `typeof require(${JSON.stringify(name)})`)
      .join(', ')})`;
    const outcome = await there.run(node, '--no-warnings', '--input-type=commonjs', '--eval', code);
    expect(outcome).toEqual({ code: 0, stdout: 'object object object\n', stderr: '' });
  });
});
