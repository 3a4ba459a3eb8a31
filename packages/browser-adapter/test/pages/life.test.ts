// What becomes of workers and queues when their page is hidden, frozen, put away, restored and closed.
import { setTimeout as pass } from 'node:timers/promises';

import type { Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type Driven, type Engine, openBrowser } from './browser.ts';
import { serveSite, type Site } from './site.ts';
import type { Lab } from './site/page.ts';
import type { Tab } from './site/tab.ts';

declare const lab: Lab;
declare const tab: Tab;

let site: Site;
beforeAll(async () => {
  site = await serveSite();
});
afterAll(() => site.close());

const engines: readonly Engine[] = ['chromium', 'firefox'];
describe.each(engines)('in %s', (engine) => {
  let browser: Driven;
  const pages: Page[] = [];
  beforeAll(async () => {
    browser = await openBrowser(engine);
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });

  /** A page in front of all others, that has loaded. */
  async function open(file = 'page.html'): Promise<Page> {
    const ready = site.said(file === 'away.html' ? 'away' : 'ready');
    const page = await browser.open(site.url + file);
    pages.push(page);
    await ready;
    return page;
  }

  /** The workers' locks that are held in the browser. */
  const locks = (page: Page): Promise<string[]> =>
    page.evaluate(async () => {
      const { held = [] } = await navigator.locks.query();
      return held.map(({ name = '' }) => name).filter((name) => name.startsWith('millrace:worker'));
    });

  /** Resolves when none of them is held. */
  const free = (page: Page, names: readonly string[]): Promise<void> =>
    page.evaluate(async (all) => {
      for (const name of all) await navigator.locks.request(name, () => undefined);
    }, names);

  const right = async (page: Page): Promise<void> => {
    expect(await page.evaluate(() => lab.wrong)).toEqual([]);
  };

  it('a page that is hidden goes on', async () => {
    const page = await open();
    await page.evaluate(() => lab.flow());
    await open('away.html');
    await page.evaluate(() => lab.hidden());
    await page.evaluate(() => lab.more(500));
    expect(await page.evaluate(() => lab.restart())).toEqual(['end']);
    expect(await page.evaluate(() => lab.timeOut())).toBe('TIMED_OUT');
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
    await right(page);
  });

  const comesBack =
    engine === 'chromium'
      ? 'is restored with its workers, and goes on where it was'
      : 'is loaded anew, and its workers are gone';
  it(`a page that is left and come back to ${comesBack}`, async () => {
    const other = await open('away.html');
    const page = await open();
    await page.evaluate(() => lab.flow());
    await page.evaluate(() => lab.more(100));
    const held = await locks(other);
    expect(held).toHaveLength(2);
    const back = Promise.race(
      (['restored', 'ready'] as const).map((what) => site.said(what).then(() => what)),
    );
    await page.evaluate(() => {
      location.href = 'away.html#back';
    });
    expect(await back).toBe(engine === 'chromium' ? 'restored' : 'ready');
    if (engine === 'firefox') await free(other, held);
  });

  it('workers end with a page that is closed', async () => {
    const page = await open();
    await page.evaluate(() => lab.flow());
    const other = await open('away.html');
    const held = await locks(other);
    expect(held).toHaveLength(2);
    pages.splice(pages.indexOf(page), 1);
    await page.close();
    await free(other, held);
    expect(await locks(other)).toEqual([]);
  });

  // No command freezes a page of Firefox, which freezes none that is not left.
  if (engine === 'chromium') {
    const set = async (page: Page, state: 'frozen' | 'active'): Promise<void> => {
      const session = await page.createCDPSession();
      await session.send('Page.setWebLifecycleState', { state });
      await session.detach();
    };

    it('a page that is frozen goes on where it was, and blames nobody for that time', async () => {
      const page = await open();
      await page.evaluate(() => lab.flow());
      await page.evaluate(() => lab.suspend());
      await page.evaluate(() => lab.more(100));
      await open('away.html');
      await page.evaluate(() => lab.hidden());
      await set(page, 'frozen');
      // Longer than a worker may take to start, and than one may be silent.
      await pass(4200);
      await set(page, 'active');
      site.release();
      expect(await page.evaluate(() => lab.goOn())).toEqual([1, 2]);
      await page.evaluate(() => lab.more(100));
      expect(await page.evaluate(() => lab.events)).toEqual(['freeze', 'resume']);
      // Its workers were frozen with it.
      expect(Math.max(...(await page.evaluate(() => lab.pauses)))).toBeGreaterThan(4000);
      await right(page);
    });

    it('a tab that is frozen leaves the shared queues: others have what it held', async () => {
      const first = await open('tab.html');
      await first.evaluate(() => tab.put(0, 10));
      await first.evaluate(() => tab.keep(4, 6));
      const second = await open('tab.html');
      const taken = second.evaluate(() => tab.take(10));
      await set(first, 'frozen');
      expect((await taken).map(([item]) => item)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect((await taken).filter(([, attempt]) => attempt === 1)).toEqual([]);
      await set(first, 'active');
      expect(await first.evaluate(() => tab.waited())).toBe('ENDPOINT_LOST');
      await first.evaluate(() => {
        tab.openAnew();
      });
      const again = first.evaluate(() => tab.take(1));
      await second.evaluate(() => tab.put(10, 11));
      expect(await again).toEqual([[10, 1]]);
    });
  }
});
