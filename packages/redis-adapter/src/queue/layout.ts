import { MillraceError } from '@millrace/core';
import { LAYOUT } from '../home/scripts.js';

/** A queue whose keys another release wrote, in a way that this one does not know. */
export function otherLayout(queue: string, version: number): MillraceError {
  const than = version > LAYOUT ? 'newer' : 'older';
  return new MillraceError(
    'LAYOUT_MISMATCH',
    `Queue "${queue}" is in Redis in layout ${String(version)}, which is ${than} than layout ${String(LAYOUT)}, the one that this release knows. ` +
      `Use a release that knows layout ${String(version)} until the queue is drained, or another name or prefix.`,
    { queue, is: version, known: LAYOUT },
  );
}
