import { cloneFormBy, walk } from '@millrace/core/channels';

/** What structured clone carries within a page and its workers, and not beyond them. */
const STAYS = new Set(['SharedArrayBuffer', 'WebAssembly.Module', 'WebAssembly.Memory']);

/** Values as they go from tab to tab: one that would not arrive is refused at its own put. */
export const tabForm = cloneFormBy((value) => {
  const copy: unknown = structuredClone(value);
  walk(copy, (found) => {
    const part: object = ArrayBuffer.isView(found) ? found.buffer : found;
    const tag = Object.prototype.toString.call(part).slice('[object '.length, -1);
    if (STAYS.has(tag)) throw new Error(`A ${tag} stays in its tab.`);
    return true;
  });
  return copy;
});
