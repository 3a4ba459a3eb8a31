import { B, BITMAP, FREE_PAGES, HINT, KEPT, PAGE } from './layout.js';
import type { Words } from './words.js';

/** Takes so many pages in a row; answers the first word, or 0 if there are not as many. */
export function take(s: Words, pages: number): number {
  if (s.get(FREE_PAGES) < pages) return 0;
  const hint = s.get(HINT);
  const at = find(s, hint, s.pages, pages) ?? find(s, 0, Math.min(s.pages, hint + pages), pages);
  if (at === undefined) return 0;
  mark(s, at, pages, true);
  s.add(FREE_PAGES, -pages);
  s.set(HINT, at + pages >= s.pages ? 0 : at + pages);
  return s.heap + at * PAGE;
}

/** Room for a block's bytes, unless they would leave too little for records. */
export function takeForBytes(s: Words, bytes: number): number {
  const pages = pagesFor(bytes);
  return s.get(FREE_PAGES) - pages < s.get(KEPT) ? 0 : take(s, pages);
}

export function give(s: Words, word: number, pages: number): void {
  const at = (word - s.heap) / PAGE;
  mark(s, at, pages, false);
  s.add(FREE_PAGES, pages);
  // The lowest ones are used first, so that few pages of the machine's are ever touched.
  if (at < s.get(HINT)) s.set(HINT, at);
}

export function giveBlock(s: Words, block: number): void {
  const at = s.get(block + B.AT);
  if (at !== 0) give(s, at, pagesFor(s.get(block + B.BYTES)));
  give(s, block, 1);
}

export function pagesFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / (4 * PAGE)));
}

function find(s: Words, from: number, to: number, pages: number): number | undefined {
  let start = from;
  for (let page = from; page < to; ) {
    const bits = s.get(BITMAP + (page >> 5));
    if (bits === -1) {
      page = ((page >> 5) + 1) << 5;
      start = page;
    } else if (bits === 0 && (page & 31) === 0 && page + 32 <= to) {
      page += 32;
      if (page - start >= pages) return start;
    } else {
      if ((bits & (1 << (page & 31))) !== 0) start = page + 1;
      page++;
      if (page - start >= pages) return start;
    }
  }
  return undefined;
}

function mark(s: Words, at: number, pages: number, used: boolean): void {
  for (let page = at; page < at + pages; ) {
    const word = BITMAP + (page >> 5);
    const shift = page & 31;
    const n = Math.min(32 - shift, at + pages - page);
    const bits = n === 32 ? -1 : ((1 << n) - 1) << shift;
    s.set(word, used ? s.get(word) | bits : s.get(word) & ~bits);
    page += n;
  }
}
