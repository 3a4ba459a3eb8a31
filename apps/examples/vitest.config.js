import { engines, profile } from '../../packages/browser-adapter/test/engines/provider/engines.ts';
import { findBrowsers } from '../../scripts/browsers.mjs';
import { packageConfig } from '../../vitest.shared.js';

const shared = packageConfig('examples');
const { chromium, firefox } = findBrowsers();

/** Only data can be provided. @param {'chromium' | 'firefox'} engine @param {string | undefined} command */
const start = (engine, command) =>
  command && engines[engine](command, { url: 'about:blank', isolated: false });

export default {
  ...shared,
  test: {
    ...shared.test,
    provide: {
      profile,
      browsers: { chromium: start('chromium', chromium), firefox: start('firefox', firefox) },
    },
  },
};
