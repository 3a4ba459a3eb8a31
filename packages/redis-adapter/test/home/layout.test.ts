import { readFileSync } from 'node:fs';
import path from 'node:path';

import { IterableQueue } from '@millrace/core';
import { expect, it, onTestFinished } from 'vitest';

import { redis } from '../../dist/index.js';
import { sharedServer } from '../support/servers.ts';

const src = path.join(import.meta.dirname, '../../src');
const page = readFileSync(path.join(src, '../../../docs/redis-layout.md'), 'utf8');
const state = readFileSync(path.join(src, 'home/state.lua'), 'utf8');
const version = Number(/LAYOUT = (\d+);/.exec(readFileSync(path.join(src, 'home/scripts.ts'), 'utf8'))?.[1]);

/** The first column of the table under this heading. */
function firstColumn(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (`.+?`) +\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

it('a queue of another layout is refused by an error that names both', async () => {
  const { url, call } = await sharedServer();
  const prefix = `layout:${String(process.pid)}:`;
  const key = `${prefix}{q:orders}`;
  const open = (): IterableQueue<number> => {
    const transport = redis({ url, prefix });
    onTestFinished(() => transport.close());
    return new IterableQueue({ transport, name: 'orders' });
  };
  await open().producer().put(1);
  for (const [other, than] of [
    [version + 1, 'newer'],
    [version - 1, 'older'],
  ] as const) {
    await call('HSET', key, 'version', other);
    const text = `layout ${String(other)}, which is ${than} than layout ${String(version)}`;
    const details = { queue: 'orders', is: other, known: version };
    await expect(open().stats()).rejects.toMatchObject({ code: 'LAYOUT_MISMATCH', message: expect.stringContaining(text) as string, details });
    await expect(open().producer().put(2)).rejects.toMatchObject({ code: 'LAYOUT_MISMATCH', message: expect.stringContaining(text) as string });
  }
  await call('HSET', key, 'version', version);
  await open().producer().put(3);
  expect(await open().stats()).toMatchObject({ size: 2 });
});

it('the page names the version of the layout', () => {
  expect(version).toBeGreaterThan(0);
  expect(page).toContain(`This is version **${String(version)}**`);
});

it('the page names every key', () => {
  const listed = state.split('-- The other keys.')[1]?.split('local KEY')[0] ?? '';
  const suffixes = [...listed.matchAll(/^-- {3}([\w-]+(?::ID)?) {2,}/gm)].map(([, name = '']) => `:${name.replace(':ID', ':SESSION')}`);
  expect(suffixes.length).toBeGreaterThan(20);
  expect(firstColumn('Keys').sort()).toEqual(['K', ...suffixes].sort());
});

it('the page names every field of the queue', () => {
  const listed = state.split('-- The scalars;')[1]?.split('local TEXTS')[0] ?? '';
  const fields = [...listed.matchAll(/^-- {3}(.+)$/gm)].flatMap(([, names = '']) => names.split(' '));
  expect(fields.length).toBeGreaterThan(50);
  expect(firstColumn('The state').sort()).toEqual(fields.sort());
});

it('the page names every request, by its number', () => {
  const requests = readFileSync(path.join(src, 'home/requests.lua'), 'utf8');
  const numbers = /local R = \{([^}]*)\}/.exec(requests)?.[1] ?? '';
  const found = [...numbers.matchAll(/(\w+) = (\d+)/g)].map(([, name = '', number = '']) => `${number} ${name}`);
  const section = page.split('\n### Requests of a session\n')[1]?.split('\n## ')[0]?.split('\n### ')[0] ?? '';
  const listed = [...section.matchAll(/^\| (\d+) +\| `(\w+)` /gm)].map(([, number = '', name = '']) => `${number} ${name}`);
  expect(found.length).toBe(19);
  expect(listed).toEqual(found);
});
