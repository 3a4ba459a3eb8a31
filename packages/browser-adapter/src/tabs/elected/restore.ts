import type { QueueSpec } from '@millrace/core';
import type { Packed } from '@millrace/core/channels';
import type { HostedQueues } from '../hosted-queues.js';
import type { Records } from './journal.js';
import type { ItemRecord, JournaledHome, State } from './journaled-home.js';

/** Keeps a queue that was handed over from ending before the tabs' endpoints are there again. */
const HAND_OVER = 'hand-over';

/** Goes on with what an earlier host had written down; `handedOver` is to follow when the tabs have come. */
export function restore(records: Records, queues: HostedQueues): void {
  const homes = new Map<string, JournaledHome>();
  for (const [[kind, queue], record] of records) {
    if (kind !== 'spec') continue;
    const home = queues.find(record as QueueSpec).home as JournaledHome;
    home.endpoints.addSlot(HAND_OVER, 'producer', {});
    homes.set(queue, home);
  }
  for (const [[kind, queue, id], record] of records) {
    const home = homes.get(queue);
    if (home === undefined) continue;
    if (kind === 'item') home.restore(record as ItemRecord);
    else if (kind === 'seen') home.seen.note(id as string, record as number);
    else if (kind === 'letter') home.deadLetters.restore(record as Packed);
    else if (kind === 'state') home.resume(record as State);
  }
}

/** All tabs are there that were to come. */
export function handedOver(queues: HostedQueues): void {
  for (const hosted of queues) {
    hosted.home.endpoints.removeSlot(HAND_OVER);
    hosted.checkUse();
  }
}
