import { type BenchPage, openBenchPage } from '../browser/page.js';
import type { Contender, Suite } from '../contender.js';
import { inPage } from '../contenders/browser.js';

let opened: BenchPage | undefined;
const page = (): BenchPage => opened!;

/** A message an item takes pages so much longer than blocks: the parts of the items that make runs of about one length. */
const RAW = 0.05;
const CALLS = 0.015;

const raw = (share: number): Contender => inPage(page, 'raw-post-message', { share });
const comlink = (share: number): Contender => inPage(page, 'comlink', { share });
const millrace = inPage(page, 'millrace');
const sharedMemory = inPage(page, 'millrace-shared-memory');
const chunks = [
  inPage(page, 'millrace-chunks', { name: 'millrace' }),
  inPage(page, 'millrace-shared-memory-chunks', { name: 'millrace-shared-memory' }),
];

// As for threads: each run starts a new worker, and measures a second behind the third of one in which its code is compiled.
const small = { items: 3_000_000, warm: 1_000_000 };
const medium = { items: 1_500_000, warm: 500_000 };
const large = { items: 10_000, warm: 2_000 };

/** One producer in a worker, and its consumer in the page that has started it. */
export const suite: Suite = {
  name: 'browser',
  scenarios: [
    { name: 'plain', unit: 'items/s', contenders: [raw(RAW), millrace, sharedMemory, comlink(CALLS)], loads: { small, medium } },
    { name: 'plain', unit: 'items/s', contenders: [raw(1), millrace, sharedMemory, comlink(1)], loads: { large } },
    { name: 'chunks', unit: 'items/s', contenders: [raw(RAW), ...chunks], loads: { small, medium } },
  ],
  async open({ browser }) {
    opened = await openBenchPage(browser);
    return () => opened?.close();
  },
  machine: () => ({ browser: page().browser }),
};
