// Vitest's browser mode with browsers that the system has. Vitest's own providers want browsers that are downloaded
// or drivers that Debian lacks. All that a provider has to do is to open a page, though: the page then talks to Vitest
// by itself.
//
// This leans on what Vitest does not promise: the names of its commands and what its servers are asked for. So the
// versions of vitest and @vitest/browser are pinned; look here when they change.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';

import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, TestProject } from 'vitest/node';

import { engines, type Browsers, type EngineName } from './engines.ts';

const keeperFile = fileURLToPath(new URL('./keeper.ts', import.meta.url));

/**
 * @param browsers where the programs are
 * @param isolated whether the pages are served with the headers that isolate them
 * @param patience how long, in ms, a page may take for all its test files. A test that keeps its page busy for ever cannot
 *   be ended by Vitest's own timeout, which would have to come from that page.
 */
export function browser(browsers: Browsers, isolated: boolean, patience: number) {
  return defineBrowserProvider({
    name: 'millrace',
    supportedBrowser: Object.keys(engines),
    providerFactory: (project) => new Provider(project, browsers, isolated, patience),
  });
}

class Provider implements BrowserProvider {
  readonly name = 'millrace';
  readonly supportsParallelism = true;
  /** Without one, only a single project would run at a time. */
  readonly mocker = {
    register: () => Promise.reject(new Error('No module can be mocked here.')),
    delete: () => Promise.resolve(),
    clear: () => Promise.resolve(),
  };
  readonly #project: TestProject;
  readonly #browsers: Browsers;
  readonly #isolated: boolean;
  readonly #patience: number;
  readonly #keepers = new Set<ChildProcess>();

  constructor(project: TestProject, browsers: Browsers, isolated: boolean, patience: number) {
    this.#project = project;
    this.#browsers = browsers;
    this.#isolated = isolated;
    this.#patience = patience;
    // What Vitest's pages ask of every provider: a size for the frame of the tests, and to let go of pressed keys.
    // Nothing here depends on a size, and no test presses keys.
    project.browser?.registerCommand('__vitest_viewport' as never, (() => undefined) as never);
    project.browser?.registerCommand('__vitest_cleanup' as never, (() => undefined) as never);
  }

  getCommandsContext() {
    return {};
  }

  /** Opens a page in a browser of its own, and resolves once the page calls. */
  async openPage(sessionId: string, url: string) {
    const engine = this.#project.config.browser.name as EngineName;
    const command = this.#browsers[engine];
    if (command === undefined) {
      throw new Error(`There is no ${engine} here. \`node scripts/browsers.mjs\` says what to do.`);
    }
    const start = engines[engine](command, { url, isolated: this.#isolated });
    const keeper = spawn(
      process.execPath,
      [keeperFile, JSON.stringify(start)],
      // In a session of its own: Ctrl-C at a terminal must not end it before the browser.
      { detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    this.#keepers.add(keeper);
    let said = '';
    keeper.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    const { vitest } = this.#project;
    const limit = setTimeout(() => {
      vitest.logger.error(`A page of ${engine} has been ended after ${this.#patience / 1000} s.`);
      keeper.stdin.end();
    }, this.#patience);
    if (vitest.config.watch) clearTimeout(limit);
    const called = new AbortController();
    const ended = once(keeper, 'close').then(([code]) => {
      clearTimeout(limit);
      this.#keepers.delete(keeper);
      const message = `${command} has ended by itself. It wrote:\n${said}`;
      // Once the page has called, Vitest sees that it is gone, but not why.
      if (code !== 0 && called.signal.aborted) vitest.logger.error(message);
      throw new Error(message);
    });
    ended.catch(() => undefined);
    try {
      await Promise.race([this.#call(sessionId, called.signal), ended]);
    } finally {
      called.abort();
    }
  }

  /** Resolves when a page opens the connection of this session. */
  #call(sessionId: string, signal: AbortSignal) {
    const server = this.#project.vite.httpServer;
    return new Promise<void>((resolve) => {
      const look = (request: IncomingMessage) => {
        if (request.url?.includes(sessionId) === true) resolve();
      };
      server?.on('upgrade', look);
      signal.addEventListener('abort', () => server?.off('upgrade', look));
    });
  }

  async close() {
    const keepers = [...this.#keepers];
    this.#keepers.clear();
    await Promise.all(
      keepers.map(async (keeper) => {
        const closed = once(keeper, 'close');
        keeper.stdin?.end();
        await closed;
      }),
    );
  }
}
