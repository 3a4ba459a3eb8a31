import { MillraceError } from './error.js';

/** For who would open a producer of a queue that was closed. */
export function queueClosed(queue: string): MillraceError {
  return new MillraceError('QUEUE_CLOSED', `Queue "${queue}" is closed to new producers. Open them before close().`, { queue });
}
