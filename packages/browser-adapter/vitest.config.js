import { packageConfig } from '../../vitest.shared.js';
import { findBrowsers } from '../../scripts/browsers.mjs';
import { browser } from './test/engines/provider/provider.ts';

/** What makes a page cross-origin isolated, so that it may share memory. */
const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const shared = packageConfig('browser-adapter');
const browsers = findBrowsers();

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
      provide: { isolated },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: browser(browsers, isolated),
        instances: Object.keys(browsers).map((engine) => ({
          browser: engine,
          name: isolated ? `${engine} isolated` : engine,
          provide: { engine },
        })),
      },
    },
  };
}

export default { ...shared, test: { ...shared.test, projects: [project(true), project(false)] } };
