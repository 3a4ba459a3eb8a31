import type { BenchPage } from '../browser/page.js';
import type { Contender } from '../contender.js';
import type { PageContenderName } from '../page/main.js';

/** One whose code is in the page: `page` is asked for when it runs. */
export function inPage(page: () => BenchPage, runs: PageContenderName, { name, share = 1 }: { name?: string; share?: number } = {}): Contender {
  return {
    name: name ?? runs,
    share,
    run: ({ payload, items, warm }) => page().run(runs, payload.name, items, warm),
  };
}
