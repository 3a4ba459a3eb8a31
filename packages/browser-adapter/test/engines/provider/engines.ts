// How each engine is started on a page, with a profile of its own and nothing that would go on the network.

/** Where each engine's program is. `undefined`: not found. */
export type Browsers = Partial<Record<EngineName, string | undefined>>;

export type EngineName = 'chromium' | 'firefox' | 'webkit';

/** What the keeper needs to know to start a browser. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files to be written into the profile before, by their names. */
  readonly files: Readonly<Record<string, string>>;
  /** Whether it shows a window, so that it needs an X server. */
  readonly window: boolean;
}

/** Stands for the folder of the profile, which is only known once it has been made. */
export const profile = '{profile}';

const asRoot = process.getuid?.() === 0;

const firefoxPreferences: Readonly<Record<string, string | number | boolean>> = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.discovery.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.region.network.url': '',
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'browser.topsites.contile.enabled': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.disable_open_during_load': false,
  // Processes that are started in advance only take time from the tests.
  'dom.ipc.processPrelaunch.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.proxy.type': 0,
  'services.settings.server': 'data:,',
  'startup.homepage_welcome_url': '',
  'termsofuse.bypassNotification': true,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'trailhead.firstrun.didSeeAboutWelcome': true,
};

export interface Page {
  readonly url: string;
  /** Whether it is served with the headers that isolate it from other origins. */
  readonly isolated: boolean;
}

export const engines: Readonly<Record<EngineName, (command: string, page: Page) => Start>> = {
  chromium: (command, { url }) => ({
    command,
    args: [
      '--headless',
      `--user-data-dir=${profile}`,
      // It stays while this pipe is open; without it, it would end with the page's load.
      '--remote-debugging-pipe',
      // Root has no sandbox to put pages in.
      ...(asRoot ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-breakpad',
      '--disable-component-update',
      '--disable-default-apps',
      // In containers /dev/shm is often too small.
      '--disable-dev-shm-usage',
      '--disable-extensions',
      '--disable-gpu',
      '--disable-popup-blocking',
      '--disable-quic',
      '--disable-renderer-backgrounding',
      '--disable-search-engine-choice-screen',
      '--disable-sync',
      '--no-default-browser-check',
      '--no-first-run',
      '--no-proxy-server',
      '--password-store=basic',
      url,
    ],
    env: {},
    files: {},
    window: false,
  }),
  firefox: (command, { url }) => ({
    command,
    args: ['--headless', '--no-remote', '--profile', profile, url],
    env: { MOZ_CRASHREPORTER_DISABLE: '1' },
    files: {
      'user.js': Object.entries(firefoxPreferences)
        .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
        .join(''),
    },
    window: false,
  }),
  webkit: (command, { url, isolated }) => ({
    command,
    args: ['--enable-write-console-messages-to-stdout=true', url],
    env: {
      GDK_BACKEND: 'x11',
      GSETTINGS_BACKEND: 'memory',
      LIBGL_ALWAYS_SOFTWARE: '1',
      NO_AT_BRIDGE: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      // Shared memory goes by this alone in this port. In Safari it goes by the page's headers.
      ...(isolated ? { JSC_useSharedArrayBuffer: '1' } : {}),
    },
    files: {},
    window: true,
  }),
};
