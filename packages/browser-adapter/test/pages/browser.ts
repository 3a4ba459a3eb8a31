import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { launch, type Page } from 'puppeteer-core';
import { inject } from 'vitest';

import { profile, type Start } from '../engines/provider/engines.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly starts: Readonly<Record<Engine, Start | undefined>>;
  }
}

export type Engine = 'chromium' | 'firefox';

/** A browser of its own, in which pages come before one another as for a person. */
export interface Driven {
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** What keeps pages of the other tests as busy when nobody sees them. */
const unseen = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export async function openBrowser(engine: Engine): Promise<Driven> {
  const start = inject('starts')[engine];
  if (start === undefined)
    throw new Error(`There is no ${engine} here. \`node scripts/browsers.mjs\` says what to do.`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-pages-'));
  for (const [name, text] of Object.entries(start.files))
    await writeFile(path.join(folder, name), text);
  const browser = await launch({
    browser: engine === 'firefox' ? 'firefox' : 'chrome',
    executablePath: start.command,
    ignoreDefaultArgs: true,
    args: start.args
      .filter((word) => !unseen.includes(word))
      .map((word) => word.replace(profile, folder)),
    pipe: engine === 'chromium',
    defaultViewport: null,
  });
  return {
    async open(url) {
      const page = await browser.newPage();
      await page.bringToFront();
      await page.goto(url);
      return page;
    },

    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
