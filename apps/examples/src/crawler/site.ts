import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many pages the site has. They are known by their numbers, and every one can be reached from page 0. */
export const PAGES = 1000;

export interface Page {
  readonly links: readonly number[];
}

/** "Fetches" a page of a site that is made up: always the same, and full of links back and across. */
export async function fetchPage(page: number): Promise<Page> {
  await nextTurn();
  const children = [2 * page + 1, 2 * page + 2].filter((child) => child < PAGES);
  return { links: [...children, (page * 7919 + 13) % PAGES, (page * page + 1) % PAGES] };
}
