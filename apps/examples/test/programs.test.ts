// Examples 1, 2 and 3 in a page: the same worker files as on Node, in Web Workers.
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { servePage, type Site } from '../src/page-server/serve.js';
import { type Driven, type Engine, openBrowser } from './support/browser.js';

const LONG = 120_000;
vi.setConfig({ testTimeout: LONG });

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

const engines: readonly Engine[] = ['chromium', 'firefox'];
describe.each(engines)('in %s', (engine) => {
  let site: Site;
  let browser: Driven;
  let page: Page;
  let problems: readonly string[];
  beforeAll(async () => {
    site = await servePage();
    browser = await openBrowser(engine);
    ({ page, problems } = await browser.open(`${site.url}programs/`));
  }, LONG);
  afterAll(async () => {
    await browser.close();
    await site.close();
  }, LONG);

  /** Clicks, waits for the end, and answers with the report and what can be read. */
  async function run(
    program: string,
  ): Promise<{ report: Record<string, unknown> | null; text: string }> {
    const button = await page.waitForSelector(`[data-run="${program}"]`);
    await button!.click();
    const output = await page.waitForSelector(
      `section:has([data-run="${program}"]) [data-report]`);
    return output!.evaluate((element) => ({
      report: JSON.parse((element as HTMLElement).dataset['report']!) as Record<
        string,
        unknown
      > | null,
      text: element.textContent,
    }));
  }

  it('the main job loses nothing', async () => {
    const { report, text } = await run('main-job');
    const whole = { items: 5000, offered: 5000, put: 5000, taken: 5000 };
    expect(report, text).toMatchObject({
      ...whole,
      lost: 0,
      duplicated: 0,
      unmarkedDuplicates: 0,
      killed: 0,
    });
    expect(text).toMatch(/^ +lost +0$/m);
  });

  it('the main job loses nothing while workers are killed', async () => {
    const { report, text } = await run('main-job-killing');
    expect(report, text).toMatchObject({
      items: 2000,
      offered: 2000,
      lost: 0,
      unmarkedDuplicates: 0,
    });
    expect(report!['killed']).toBeGreaterThan(0);
    expect(report!['taken']).toBe(report!['put']);
    expect(report!['duplicated']).toBeLessThanOrEqual(report!['inHandAtKill'] as number);
    expect(text).not.toContain('Error');
  });

  it('the counting producer makes ten ahead, and gives nothing stale', async () => {
    const { report, text } = await run('count');
    expect(report, text).toMatchObject({ madeAhead: 10, first: [0, 1], right: 100 });
  });

  it('the sensor feeds a consumer, a lossy queue, and none that is not ready', async () => {
    const { report, text } = await run('sensor');
    const { batches } = report as unknown as { batches: { readings: number[] }[] };
    expect(
      batches.flatMap(({ readings }) => readings),
      text,
    ).toEqual(upTo(23));
    expect(report).toMatchObject({
      lossyHolds: [22, 23],
      notReadyHolds: 0,
      refused: 23,
      stoppedEmpty: { worked: [], told: ['onStop'], state: 'stopped' },
      stoppedAtEnd: { worked: upTo(13), told: ['onStop'], state: 'stopped' },
    });
  });

  it('nothing went wrong on the page', () => {
    expect(problems).toEqual([]);
  });
});
