// What the packed packages add to an app that is built by Vite's bundler.
import { cpSync } from 'node:fs';
import path from 'node:path';

import filePlugins from '@size-limit/file';
import rolldownPlugins from '@size-limit/rolldown';
import sizeLimit from 'size-limit';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { limits } from './size/limits.js';
import { Installation } from './support/package.js';
import { here } from './support/places.js';

const LONG = 120_000;
const there = new Installation(['@millrace/core', '@millrace/browser-adapter']);
beforeAll(async () => {
  await there.install();
  cpSync(path.join(here, 'test', 'size'), path.join(there.folder, 'size'), { recursive: true });
}, LONG);
afterAll(() => there.remove());

it.each(limits)('$app is within its limit', { timeout: LONG }, async ({ app, over8 }) => {
  const file = path.join(there.folder, 'size', `${app}.js`);
  // The entry and what it imports: what is loaded only when it is used comes later, if at all.
  const checks = [{ files: [file], entry: [app] }];
  const [{ size }] = (await sizeLimit([...rolldownPlugins, ...filePlugins], {
    checks,
  })) as [{ size: number }];
  const limit = over8.reduce((total, [kB]) => total + kB, 8) * 1000;
  expect(size).toBeGreaterThan(8000);
  expect(
    size,
    'find what it takes more than before, or say in limits.ts what for',
  ).toBeLessThanOrEqual(limit);
});
