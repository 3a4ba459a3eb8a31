import { type ConsumerEndpoint, hasCode } from '@millrace/core';

import { fetchPage } from './site.js';
import { Visits } from './visits.js';

export interface CrawlerArgs {
  /** Where pages come from, and where the pages that they link to go. */
  readonly pages: ConsumerEndpoint<number>;
  /** The folder where they are written down. */
  readonly visits: string;
}

/**
 * Crawls pages until the queue ends, which it does by itself: a page that is in hand keeps it open for
 * the links of that page, and when no page waits and none is in hand, there are no more.
 */
export default async function crawl(args: CrawlerArgs) {
  const visits = new Visits(args.visits);
  let inPlace = 0;
  for await (const delivery of args.pages.deliveries()) {
    /** The page in hand, and those links that found no room in the queue. */
    const stack = [delivery.value];
    for (let page = stack.pop(); page !== undefined; page = stack.pop()) {
      const { links } = await fetchPage(page);
      visits.crawled(page);
      for (const link of links) {
        if (!visits.claim(link)) continue;
        try {
          await delivery.put(link);
        } catch (error) {
          // The queue is full, and every crawler waits for room as we do: nobody takes a page. We go on
          // with this one ourselves, and take the next from the queue when we are done.
          if (!hasCode(error, 'CONSUMERS_STUCK')) throw error;
          stack.push(link);
          inPlace++;
        }
      }
    }
    delivery.ack();
  }
  return { inPlace };
}
