// The page that one can watch, used as a person would: by keyboard and by pointer, in both themes, at two widths.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { servePage, type Site } from '../src/page-server/serve.js';
import { type Driven, type Engine, openBrowser } from './support/browser.js';
import { busiestTask } from './support/busiest-task.js';
import { Seen } from './support/seen.js';

const LONG = 120_000;
vi.setConfig({ testTimeout: LONG });

const shots = fileURLToPath(new URL('../screenshots/', import.meta.url));
/** `vitest run --mode measure`: the figures are those that are aimed at. Else whatever else runs on the machine may slow it. */
const measuring = process.env['MODE'] === 'measure';

const engines: readonly Engine[] = ['chromium', 'firefox'];
describe.each(engines)('in %s', (engine) => {
  let site: Site;
  let browser: Driven;
  let page: Page;
  let problems: readonly string[];
  let seen: Seen;
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    site = await servePage();
    browser = await openBrowser(engine);
    ({ page, problems } = await browser.open(site.url));
    await page.setViewport({ width: 1280, height: 800 });
    seen = new Seen(page, problems);
  }, LONG);
  afterAll(async () => {
    await browser.close();
    await site.close();
  }, LONG);

  /** Goes there as people do who use no pointer. */
  async function tabTo(id: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`No Tab leads to #${id}.`);
  }

  /** The figure as it changes: one that is read at any time is up to 300 ms old. */
  async function settledNow(): Promise<{ settled: number; at: number }> {
    await seen.figure('settled', (now, before) => now > before, await seen.value('settled'));
    return { settled: await seen.value('settled'), at: performance.now() };
  }

  it('items flow by themselves, and none is lost', async () => {
    await seen.figure('settled', (settled) => settled > 10);
    await seen.text('#checked', /[1-9]\d* items checked/);
    expect(await seen.value('lost')).toBe(0);
    expect(await page.$$eval('.node', (nodes) => nodes.length)).toBe(7);
  });

  describe('by keyboard', () => {
    it('knobs are turned', async () => {
      await tabTo('producers-knob');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await seen.text('output[for="producers-knob"]', /^5$/);
      await seen.count('#producers .node', 5);
      await page.keyboard.press('Home');
      await seen.count('#producers .node', 1);
      await tabTo('making-knob');
      for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
      await seen.text('output[for="making-knob"]', /^50 a second$/);
      const put = await seen.value('put');
      await seen.figure('put', (now, before) => now > before + 60, put);
    });

    it('a queue that is not ready takes nothing, and holds nothing', async () => {
      await tabTo('ready');
      await page.keyboard.press(' ');
      await seen.text('#situation', /not ready/);
      await seen.figure('waiting', (waiting) => waiting === 0);
      await seen.figure('refused', (refused) => refused > 20);
      const put = await seen.value('put');
      await page.keyboard.press(' ');
      await seen.figure('put', (now, before) => now > before + 20, put);
    });

    it('another overflow means another queue', async () => {
      await page.$eval('#capacity-knob', (knob) => (knob as HTMLElement).focus());
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      await seen.text(
        '#log',
        /A new queue over message ports: room for 16; when it is full, the oldest is dropped/,
      );
      await seen.figure('dropped', (dropped) => dropped > 20);
      expect(await seen.value('lost')).toBe(0);
    });

    it('a worker is crashed, and comes back', async () => {
      await page.$eval('#producers .node', (node) => (node as HTMLElement).focus());
      await page.keyboard.press('Enter');
      await seen.text('#log', /Producer 1 crashed/);
      await seen.count('#producers .node[data-state="crashed"]', 1);
      await seen.count('#producers .node[data-state="working"]', 1);
    });
  });

  describe('by pointer', () => {
    it('a scene sets all knobs', async () => {
      await page.click('[data-scene="pressure"]');
      await seen.text('#fill', /of 24$/);
      await seen.count('#consumers .node', 2);
      await seen.text('#situation', /^full: producers wait$/);
      expect(await page.$eval('[data-scene="pressure"]', (button) => button.ariaPressed)).toBe(
        'true',
      );
    });

    it('items go by shared memory, and both ways are measured side by side', async () => {
      await page.click('[name="channel"][value="shared-memory"]');
      await seen.text('#log', /A new queue over shared memory: room for 24/);
      // The scene is the same, by another way.
      expect(await page.$eval('[data-scene="pressure"]', (button) => button.ariaPressed)).toBe(
        'true',
      );
      await seen.figure('settled', (settled) => settled > 10);
      await seen.text('#checked', /[1-9]\d* items checked/);
      await page.click('#measure');
      await seen.text('[data-rate="ports"]', /a second$/);
      await seen.text('[data-rate="shared-memory"]', /a second$/);
      const rates = await page.$$eval('[data-rate]', (outputs) =>
        outputs.map((output) => Number((output as HTMLElement).dataset['value'])),
      );
      console.info(`ports and shared memory: ${rates.map(Math.round).join(' and ')} items/s`);
      expect(Math.min(...rates)).toBeGreaterThan(100);
      // What had to rest meanwhile goes on.
      await seen.figure('put', (now, before) => now > before, await seen.value('put'));
      expect(await seen.value('lost')).toBe(0);
      await page.click('[name="channel"][value="ports"]');
      await seen.text('#log', /A new queue over message ports: room for 24/);
    });

    it('a slider is moved', async () => {
      const knob = await page.$('#capacity-knob');
      const { x, y, width, height } = (await knob!.boundingBox())!;
      await page.mouse.click(x + width - 4, y + height / 2);
      await seen.text('#fill', /of 4,096$/);
      expect(await page.$eval('[data-scene="pressure"]', (button) => button.ariaPressed)).toBe(
        'false',
      );
      await page.click('[data-scene="pressure"]');
      await seen.text('#fill', /of 24$/);
    });

    it('what a crashed consumer had in hand is delivered again', async () => {
      // It takes half a second for each of its items: it always has one.
      await seen.text('#consumers .node', /in hand/);
      await page.click('#consumers .node');
      await seen.text('#log', /Consumer 1 crashed\. [1-9]\d* items? it held went back/);
      await seen.count('#consumers .node[data-state="crashed"]', 1);
      await seen.figure('redelivered', (redelivered) => redelivered > 0);
      await seen.text('#log', /[1-9]\d* items? delivered again, and marked so/);
      await seen.count('#consumers .node[data-state="working"]', 2);
      const checked = await page.$eval('#checked', (note) => note.textContent);
      await page.waitForFunction(
        (before) => document.querySelector('#checked')!.textContent !== before,
        {},
        checked,
      );
      expect(await seen.value('lost')).toBe(0);
      const later = await seen.markLines('#log li');
      await page.click('#crash-consumer');
      await seen.line(later, /^Consumer \d crashed/);
    });

    it('it rests, and goes on', async () => {
      await page.click('#pause');
      await seen.figure('waiting', (waiting) => waiting === 0);
      await seen.figure('inHand', (inHand) => inHand === 0);
      const put = await seen.value('put');
      expect(await seen.value('settled')).toBe(put);
      await page.click('#pause');
      await seen.figure('put', (now, before) => now > before, put);
    });
  });

  // Firefox cannot be told such things from outside.
  if (engine === 'chromium') {
    describe.each(['light', 'dark'])('in the %s theme', (theme) => {
      it.each([
        [1280, 800],
        [360, 740],
      ])('it fits on a screen %d wide', async (width, height) => {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await page.setViewport({
          width,
          height,
          deviceScaleFactor: width < 600 ? 2 : 1,
          isMobile: width < 600,
        });
        const ground = await page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
        const brightness = Number(/\d+/.exec(ground));
        expect(brightness > 127, ground).toBe(theme === 'light');
        await seen.figure(
          'settled',
          (now, before) => now > before + 4,
          await seen.value('settled'),
        );
        const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(across).toBeLessThanOrEqual(0);
        await page.screenshot({
          path: `${shots}${theme}-${String(width)}.png`,
          fullPage: width < 600,
        });
      });
    });

    it('the theme can be chosen, and is kept', async () => {
      await page.setViewport({ width: 1280, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
      const ground = (): Promise<string> =>
        page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
      const before = await ground();
      await page.click('#theme');
      expect(await page.$eval('#theme', (button) => button.ariaPressed)).toBe('true');
      expect(await ground()).not.toBe(before);
      await page.reload();
      expect(await page.$eval('#theme', (button) => button.ariaPressed)).toBe('true');
    });

    it('no item keeps the main thread busy, however many flow', async () => {
      await page.click('[data-scene="flood"]');
      await seen.text('#fill', /of 4,096$/);
      await seen.figure('settled', (settled) => settled > (measuring ? 200_000 : 5000));
      const from = await settledNow();
      const busiest = await busiestTask(page, async () => {
        await seen.figure('settled', (now, before) => now > before + 20_000, from.settled);
        if (measuring) await new Promise((resolve) => setTimeout(resolve, 5000));
      });
      const to = await settledNow();
      const rate = ((to.settled - from.settled) * 1000) / (to.at - from.at);
      console.info(
        `${Math.round(rate).toLocaleString('en')} items/s settled; the busiest task of the main thread took ${busiest.cpu.toFixed(1)} ms of its time; ` +
          `the longest, with all that other programs took of it, ${busiest.wall.toFixed(0)} ms (performance entries)`,
      );
      // Of what the machine does besides, the page knows nothing: its own time is what it can answer for.
      expect(busiest.cpu).toBeLessThan(50);
      expect(await seen.value('lost')).toBe(0);
      if (!measuring) return;
      expect(rate).toBeGreaterThan(50_000);
      expect(busiest.wall).toBeLessThan(50);
    });
  }

  it('a page that may not share memory says so, and goes by message ports', async () => {
    const plain = await servePage(0, false);
    const other = await browser.open(plain.url);
    const { page: unshared } = other;
    await unshared.waitForSelector('#unshared:not([hidden])');
    const disabled = await unshared.$eval(
      '[name="channel"][value="shared-memory"]',
      (input) => (input as HTMLInputElement).disabled,
    );
    expect(disabled).toBe(true);
    await new Seen(unshared, other.problems).figure('settled', (settled) => settled > 5);
    await unshared.click('#measure');
    await new Seen(unshared, other.problems).text('[data-rate="ports"]', /a second$/);
    expect(other.problems).toEqual([]);
    await unshared.close();
    await plain.close();
  });

  it('nothing went wrong on the page', () => {
    expect(problems).toEqual([]);
  });
});
