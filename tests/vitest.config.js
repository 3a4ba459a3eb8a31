import { fileURLToPath } from 'node:url';

import { engines } from '../packages/browser-adapter/test/engines/provider/engines.ts';
import { findBrowsers } from '../scripts/browsers.mjs';
import { packageConfig } from '../vitest.shared.js';

const shared = packageConfig('tests');
const { chromium, firefox } = findBrowsers();

// Only data can be provided, and which page it will be is not known yet.
const pageUrl = '{page}';
/** @param {'chromium' | 'firefox'} engine @param {string | undefined} command */
const start = (engine, command) =>
  command && engines[engine](command, { url: pageUrl, isolated: false });

export default {
  ...shared,
  test: {
    ...shared.test,
    provide: {
      keeper: fileURLToPath(
        new URL('../packages/browser-adapter/test/engines/provider/keeper.ts', import.meta.url),
      ),
      pageUrl,
      browsers: { chromium: start('chromium', chromium), firefox: start('firefox', firefox) },
    },
  },
};
