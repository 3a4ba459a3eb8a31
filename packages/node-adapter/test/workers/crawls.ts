import type { ConsumerEndpoint } from '@millrace/core';

export interface CrawlsArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly pages: number;
  /** Uint8 for each page: whether somebody has it, or had. */
  readonly seen: SharedArrayBuffer;
}

export interface CrawlsResult {
  readonly crawled: number[];
  /** How many links found no room, and were followed at once. */
  readonly inPlace: number;
}

/** Follows links: page n leads to 2n + 1, 2n + 2 and n / 2, as far as there are such pages. */
export default async function crawls({ source, pages, seen }: CrawlsArgs): Promise<CrawlsResult> {
  const marks = new Uint8Array(seen);
  const crawled: number[] = [];
  let inPlace = 0;
  const linksOf = (page: number): number[] =>
    [2 * page + 1, 2 * page + 2, Math.floor(page / 2)].filter(
      (link) => link < pages && Atomics.exchange(marks, link, 1) === 0,
    );
  for await (const delivery of source.deliveries()) {
    const open = [delivery.value];
    for (let page = open.pop(); page !== undefined; page = open.pop()) {
      crawled.push(page);
      for (const link of linksOf(page)) {
        try {
          await delivery.put(link);
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'CONSUMERS_STUCK') throw error;
          open.push(link);
          inPlace++;
        }
      }
    }
    delivery.ack();
  }
  return { crawled, inPlace };
}
