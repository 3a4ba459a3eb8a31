import { packageConfig } from '../../vitest.shared.js';
import { findBrowsers } from '../../scripts/browsers.mjs';
import { bundleWorkers } from './test/conformance/bundle.js';
import { engines } from './test/engines/provider/engines.ts';
import { browser } from './test/engines/provider/provider.ts';

await bundleWorkers();

/** What makes a page cross-origin isolated, so that it may share memory. */
const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const shared = packageConfig('browser-adapter');
const browsers = findBrowsers();

/** `MILLRACE_FULL=1`: the suites whose workers are real run in each engine, kind of page and kind of host. */
const full = process.env['MILLRACE_FULL'] === '1';

/**
 * Ports are the same whether the page is isolated or not, and workers take their time to start: unless all is asked for,
 * each such suite runs once in each engine at the most, and on each kind of page in some engine.
 *
 * @param {string} engine @param {boolean} isolated
 */
function leftOut(engine, isolated) {
  const unable = [
    'test/pages/**',
    // Its driver lets no page open another tab.
    ...(engine === 'webkit' ? ['test/tabs/{tabs,elected}.test.ts'] : []),
    // Other pages share no memory.
    ...(isolated ? [] : ['test/conformance/shared.test.ts']),
  ];
  if (full) return unable;
  // To tabs isolation makes no difference, and one engine's run of the rules is enough: the others run what tabs are about.
  const tabs = isolated
    ? [...unable, 'test/tabs/**']
    : engine === 'chromium'
      ? unable
      : [...unable, 'test/tabs/{conformance,workers,elected-conformance}.test.ts'];
  // It takes longest, and is not there on every system: what its ports do is looked at, on one kind of page.
  if (engine === 'webkit')
    return [
      ...tabs,
      'test/tabs/elected-frames.test.ts',
      ...(isolated ? ['test/ends.test.ts'] : []),
      `test/conformance/${isolated ? '**' : '{endpoints,workers}.test.ts'}`,
    ];
  // Endpoints in workers: over ports in the one, and in the other in shared memory alone, which both have in `shared.test.ts`.
  if (engine === 'firefox')
    return [...tabs, `test/conformance/${isolated ? '{endpoints,workers}' : 'endpoints'}.test.ts`];
  return [...tabs, `test/conformance/${isolated ? 'endpoints' : 'workers'}.test.ts`];
}

/**
 * All engines, with or without isolation. The engines of one such project share its server; the servers
 * cannot be shared, as their headers differ.
 *
 * @param {boolean} isolated
 */
function project(isolated) {
  return {
    extends: true,
    // Nothing is found while tests run: what is found late makes the page load anew, in mid-test.
    // Packages of the workspace stay the files they are: workers are started from some of them.
    optimizeDeps: {
      noDiscovery: true,
      include: ['fast-check'],
      exclude: ['@millrace/core', '@millrace/browser-adapter'],
    },
    server: { headers: isolated ? isolating : {} },
    test: {
      name: isolated ? 'isolated' : 'plain',
      provide: { isolated, full },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        // Where all is asked for, there are many more cases for a page.
        provider: browser(browsers, isolated, full ? 2_400_000 : 600_000),
        instances: Object.keys(browsers).map((engine) => ({
          browser: engine,
          name: isolated ? `${engine} isolated` : engine,
          provide: { engine },
          exclude: leftOut(engine, isolated),
        })),
      },
    },
  };
}

/** Only data can be provided. @param {'chromium' | 'firefox'} engine */
function startOf(engine) {
  const command = browsers[engine];
  return command && engines[engine](command, { url: 'about:blank', isolated: false });
}

/** Pages that are looked at from outside: what becomes of them cannot be seen by themselves. */
const pages = {
  extends: false,
  test: {
    ...shared.test,
    name: 'pages',
    include: ['test/pages/**/*.test.ts'],
    provide: { starts: { chromium: startOf('chromium'), firefox: startOf('firefox') } },
  },
};

/**
 * Adds to the results what a report of them would lack. Which project a test ran in: files have one result per project,
 * all with the same name. And an error's message: in Chromium alone it is a part of the stack.
 *
 * @type {import('vitest/node').Reporter}
 */
const complete = {
  onTestModuleEnd(file) {
    for (const test of file.children.allTests()) {
      test.meta().project = file.project.name;
      for (const error of test.result().errors ?? []) {
        if (error.stack?.includes(error.message) === false)
          error.stack = `${error.name}: ${error.message}\n${error.stack}`;
      }
    }
  },
};

export default {
  ...shared,
  test: {
    ...shared.test,
    reporters: [complete, ...shared.test.reporters],
    projects: [project(true), project(false), pages],
  },
};
