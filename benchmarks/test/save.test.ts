import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { bench } from './bench.js';

describe('--save-to', () => {
  it('keeps a table, a plot and the figures, with what they were measured on', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-results-'));
    try {
      const report = await bench(
        'process',
        '--only',
        'plain/small',
        '--only',
        'millrace,bare-ring',
        '--save-to',
        folder,
      );
      expect((await readdir(folder)).sort()).toEqual(['process.json', 'process.md', 'process.svg']);
      const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');

      expect(JSON.parse(await read('process.json'))).toEqual(report);

      const table = await read('process.md');
      expect(table).toMatch(/\| node \| v\d+/);
      expect(table).toMatch(/\| load average before \| [\d.]+ \|/);
      expect(table).toMatch(/\| date \| 20\d\d-\d\d-\d\d \d\d:\d\d UTC \|/);
      expect(table).toContain('![the medians as bars](process.svg)');
      const ratio = report.ratios['process/plain/small/millrace:bare-ring'] ?? NaN;
      expect(table).toMatch(
        new RegExp(`\\| bare-ring \\|.*\\| ${ratio.toPrecision(3).replace('.', '\\.')} \\|`),
      );

      const plot = await read('process.svg');
      expect(plot).toMatch(/^<svg .*<\/svg>\n$/s);
      for (const contender of ['millrace', 'bare-ring'])
        expect(plot).toContain(`>${contender}</text>`);
      const width = (fill: string): number =>
        Number(new RegExp(`width="([\\d.]+)" height="\\d+" fill="${fill}"`).exec(plot)?.[1]);
      const median = (name: string): number =>
        report.rows.find(({ contender }) => contender === name)?.median ?? NaN;
      expect(width('#2a6fb0') / width('#b8b8b8')).toBeCloseTo(
        median('millrace') / median('bare-ring'),
        1,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 30_000);
});
