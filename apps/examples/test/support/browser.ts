import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { type Browser, launch, type Page } from 'puppeteer-core';
import { inject } from 'vitest';

/** How a browser is started, as browser-adapter's own tests do it. */
interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Stands in `args` for the folder of the profile. */
    readonly profile: string;
    /** `undefined`: there is none here. */
    readonly browsers: Readonly<Record<Engine, Start | undefined>>;
  }
}

export type Engine = 'chromium' | 'firefox';

/** A browser of its own that a test can use as a person would. */
export interface Driven {
  readonly browser: Browser;
  /** A new page, and what goes wrong on it: errors on its console, or that nobody caught. */
  open(url: string): Promise<{ readonly page: Page; readonly problems: readonly string[] }>;
  close(): Promise<void>;
}

export async function openBrowser(engine: Engine): Promise<Driven> {
  const start = inject('browsers')[engine];
  if (start === undefined)
    throw new Error(`There is no ${engine} here. \`node scripts/browsers.mjs\` says what to do.`);
  const profile = await mkdtemp(path.join(os.tmpdir(), 'millrace-driven-'));
  for (const [name, text] of Object.entries(start.files))
    await writeFile(path.join(profile, name), text);
  const args = start.args.map((word) => word.replace(inject('profile'), profile));
  const browser = await launch({
    browser: engine === 'firefox' ? 'firefox' : 'chrome',
    executablePath: start.command,
    ignoreDefaultArgs: true,
    args: engine === 'firefox' ? [...args, '--remote-allow-system-access'] : args,
    pipe: engine === 'chromium',
    defaultViewport: null,
  });
  if (engine === 'firefox') await leaveWorkersAlone(browser);
  return {
    browser,

    async open(url) {
      const page = await browser.newPage();
      // However busy the machine: only what hangs is to be ended.
      page.setDefaultTimeout(60_000);
      const problems: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warn'].includes(message.type())) problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      // Firefox lets the workers of pages that nobody sees wait.
      await page.bringToFront();
      await page.goto(url);
      return { page, problems };
    },

    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

/**
 * While it is driven, Firefox keeps a list of all workers, and a worker that starts workers of its own has to wait until
 * each is entered: sooner or later one waits for ever. It happens without Millrace, too, and nowhere but in a browser that is
 * driven; so the list, of which the tests make no use, is given up. Firefox has no command for that.
 */
async function leaveWorkersAlone(browser: Browser): Promise<void> {
  const { connection } = browser as unknown as {
    readonly connection: {
      send(
        method: string,
        params: object,
      ): Promise<{
        readonly result: {
          readonly contexts?: readonly { readonly context: string }[];
          readonly type?: string;
        };
      }>;
    };
  };
  const windows = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const list =
    'chrome://remote/content/shared/js-process-actors/WebDriverWorkerListenerActor.sys.mjs';
  const { result } = await connection.send('script.evaluate', {
    expression: `ChromeUtils.importESModule('${list}').unregisterWebDriverWorkerListenerActor()`,
    target: { context: windows.result.contexts![0]!.context },
    awaitPromise: false,
  });
  if (result.type !== 'success')
    throw new Error(
      `This Firefox cannot be made to leave workers alone: ${JSON.stringify(result)}`,
    );
}
