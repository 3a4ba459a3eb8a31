import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';

import { inject } from 'vitest';

import { FolderSite, openSite } from './site.js';

/** How a browser is started on a page, as browser-adapter's own tests do it. */
interface Start {
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The program that starts a browser, and ends it when its standard input ends. */
    readonly keeper: string;
    /** Stands in `args` for the page's URL. */
    readonly pageUrl: string;
    /** `undefined`: there is none here. */
    readonly browsers: Readonly<Record<Engine, Start | undefined>>;
  }
}

export type Engine = 'chromium' | 'firefox';

export interface Visited {
  /** What the page has posted to `report`. */
  readonly report: unknown;
  /** All that the page and its workers have said on the console; in Chromium errors that nobody caught are there too. */
  readonly said: readonly string[];
  /** What was asked for that is not there. */
  readonly missing: readonly string[];
}

/** A browser of its own, which stays until it is closed. */
export interface Browser {
  /**
   * Shows a folder's page, cross-origin isolated or not, until it says `last` on its console. Rejects if it has not said so after
   * `limit` ms.
   */
  visit(folder: string, isolated: boolean, last: string, limit: number): Promise<Visited>;
  /** Rejects if the browser has ended by itself. */
  close(): Promise<void>;
}

/** Browsers can be told to write what is said on the console where their keeper reads it. */
const consoles: Readonly<Record<Engine, { told(start: Start): Start; readonly line: RegExp }>> = {
  chromium: {
    told: (start) => ({ ...start, args: ['--enable-logging=stderr', ...start.args] }),
    line: /:CONSOLE[:(]\d+\)?\] "(.*?)(?:", source: .*)?$/,
  },
  firefox: {
    told: (start) => ({
      ...start,
      files: {
        'user.js': `${start.files['user.js'] ?? ''}user_pref("devtools.console.stdout.content", true);\n`,
      },
    }),
    line: /^console\.\w+: "?(.*?)"?$/,
  },
};

/** Shows pages in a window of their own, one after the other: to start a browser takes longer than they all do. */
const desk = `<!doctype html><link rel="icon" href="data:," /><script type="module">
  for (let shown; ; ) {
    const next = await (await fetch('next')).text();
    shown?.close();
    shown = open(next);
  }
</script>`;

/** Starts a browser. Does not wait for it: its first page does. */
export async function openBrowser(engine: Engine): Promise<Browser> {
  const start = inject('browsers')[engine];
  if (start === undefined)
    throw new Error(`There is no ${engine} here. \`node scripts/browsers.mjs\` says what to do.`);
  let asking: ServerResponse | undefined;
  let next: string | undefined;
  const show = (): void => {
    if (asking === undefined || next === undefined) return;
    asking.end(next);
    asking = next = undefined;
  };
  const site = await openSite(({ url }, response) => {
    if (url === '/next') {
      asking = response;
      show();
    } else response.setHeader('Content-Type', 'text/html').end(desk);
  });
  const { told, line } = consoles[engine];
  const args = start.args.map((word) => word.replace(inject('pageUrl'), site.url));
  const keeper = spawn(
    process.execPath,
    [inject('keeper'), JSON.stringify(told({ ...start, args }))],
    // In a session of its own: Ctrl-C at a terminal must not end it before the browser.
    { detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const closed = once(keeper, 'close') as Promise<[number | null]>;
  const written: string[] = [];
  const tail = (): string => written.slice(-30).join('\n');
  let hear: (words: string) => void = () => undefined;
  createInterface({ input: keeper.stderr }).on('line', (output) => {
    written.push(output);
    const words = line.exec(output)?.[1];
    if (words !== undefined) hear(words);
  });

  return {
    async visit(folder, isolated, last, limit) {
      const said: string[] = [];
      const pages = await FolderSite.open(folder, isolated);
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limit);
        hear = (words) => {
          said.push(words);
          if (words === last) resolve();
        };
      });
      next = pages.url;
      show();
      await Promise.race([over, closed]);
      clearTimeout(timer);
      await pages.close();
      const { report, missing } = pages;
      if (!said.includes(last))
        throw new Error(
          `The page in ${engine} has not come to its end. It reported ${JSON.stringify(report)}, said ` +
            `[${said.join(', ')}] and missed [${missing.join(', ')}]; the browser wrote:\n${tail()}`,
        );
      return { report, said, missing };
    },

    async close() {
      keeper.stdin.end();
      const [code] = await closed;
      await site.close();
      if (code !== 0) throw new Error(`${engine} has ended by itself. It wrote:\n${tail()}`);
    },
  };
}
