import type { BlockExtra } from '../ports/messages.js';

/** The extra of these items of a block, counted from the first of them. */
export function cutExtra(extra: BlockExtra, from: number, to: number): BlockExtra | undefined {
  const inside = (i: number): boolean => i >= from && i < to;
  const rich = (extra.rich ?? []).filter(inside).map((i) => i - from);
  const moved = (extra.moved ?? []).filter(inside).map((i) => i - from);
  const headers = (extra.headers ?? []).filter(([i]) => inside(i)).map(([i, all]) => [i - from, all] as const);
  return rich.length + moved.length + headers.length === 0 ? undefined : { rich, moved, headers };
}
