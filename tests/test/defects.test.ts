import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { root } from './support/places.js';

interface Defect {
  readonly rule: string;
  readonly file: string;
  readonly find: string;
  readonly about: string;
}

const lists = path.join(root, 'scripts', 'defects');

async function defectsIn(file: string): Promise<readonly Defect[]> {
  const list = (await import(pathToFileURL(path.join(lists, file)).href)) as Record<
    string,
    unknown
  >;
  return Object.values(list).filter(Array.isArray).flat() as Defect[];
}

// `npm run defects` itself takes too long to run each time; that it could run must not be lost meanwhile.
it('the defects of `npm run defects` fit the code: each breaks one place', async () => {
  const files = readdirSync(lists).filter(
    (file) => file.endsWith('.mjs') && file !== 'run-one.mjs',
  );
  const defects = (await Promise.all(files.map(defectsIn))).flat();
  expect(defects.length).toBeGreaterThan(100);
  const misfits = defects.filter(({ file, find }) => {
    const source = readFileSync(path.join(root, 'packages/core/src', file), 'utf8');
    return source.split(find).length !== 2;
  });
  expect(misfits.map(({ rule, file, about }) => `${rule} ${about} (${file})`)).toEqual([]);
});
