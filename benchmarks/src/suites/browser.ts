import { type BenchPage, openBenchPage } from '../browser/page.js';
import type { Contender, Suite } from '../contender.js';
import { inPage } from '../contenders/browser.js';

let opened: BenchPage | undefined;
const page = (): BenchPage => opened!;

/** A message an item takes pages so much longer than blocks: the parts of the items that make runs of about one length. */
const RAW = 0.1;
const CALLS = 0.04;

const raw = (share: number): Contender => inPage(page, 'raw-post-message', { share });
const comlink = (share: number): Contender => inPage(page, 'comlink', { share });
const millrace = inPage(page, 'millrace');
const millraceChunks = inPage(page, 'millrace-chunks', { name: 'millrace' });

// As for threads: each run starts a new worker, and the warm-up is long enough for its code to be compiled.
const small = { items: 1_000_000, warm: 200_000 };
const medium = { items: 400_000, warm: 100_000 };
const large = { items: 3_000, warm: 300 };

/** One producer in a worker, and its consumer in the page that has started it. */
export const suite: Suite = {
  name: 'browser',
  scenarios: [
    { name: 'plain', unit: 'items/s', contenders: [raw(RAW), millrace, comlink(CALLS)], loads: { small, medium } },
    { name: 'plain', unit: 'items/s', contenders: [raw(1), millrace, comlink(1)], loads: { large } },
    { name: 'chunks', unit: 'items/s', contenders: [raw(RAW), millraceChunks], loads: { small, medium } },
  ],
  async open({ browser }) {
    opened = await openBenchPage(browser);
    return () => opened?.close();
  },
  machine: () => ({ browser: page().browser }),
};
