import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Browser, launch, type Page } from 'puppeteer-core';
import { preview } from 'vite';

import type { BrowserName } from '../options.js';
import type { PageContenderName, RunContender } from '../page/main.js';
import type { PayloadName } from '../payloads.js';

/** The page of the benchmarks, in a browser of its own. */
export interface BenchPage {
  /** Name and version of the browser. */
  readonly browser: string;
  run(contender: PageContenderName, payload: PayloadName, items: number, warm: number): Promise<number>;
  close(): Promise<void>;
}

/** Where `scripts/browsers.mjs` has found each browser. */
const variables = { chromium: 'MILLRACE_CHROMIUM', firefox: 'MILLRACE_FIREFOX' } as const;

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function openBenchPage(name: BrowserName): Promise<BenchPage> {
  const server = await preview({
    configFile: false,
    logLevel: 'warn',
    appType: 'mpa',
    root,
    build: { outDir: path.join(root, 'dist', 'page') },
    // Memory is shared with cross-origin isolated pages only.
    preview: { host: '127.0.0.1', port: 0, headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
  });
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.close();
  };
  try {
    browser = await start(name);
    const page = await browser.newPage();
    // Firefox lets the workers of pages that nobody sees wait.
    await page.bringToFront();
    await page.goto(server.resolvedUrls!.local[0]!);
    return { browser: await browser.version(), run: (...load) => run(page, load), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function start(name: BrowserName): Promise<Browser> {
  const executablePath = process.env[variables[name]] ?? '';
  if (executablePath === '')
    throw new Error(`There is no ${name} here, or ${variables[name]} does not say where. \`node scripts/browsers.mjs\` says what to do.`);
  return launch({
    browser: name === 'firefox' ? 'firefox' : 'chrome',
    executablePath,
    // It ends with this process then, however that ends.
    pipe: name === 'chromium',
    // Root has no sandbox to put pages in.
    args: name === 'chromium' && process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

function run(page: Page, load: Parameters<RunContender>): Promise<number> {
  return page.evaluate(
    (...given) => (globalThis as unknown as { runContender: RunContender }).runContender(...given),
    ...load,
  );
}
