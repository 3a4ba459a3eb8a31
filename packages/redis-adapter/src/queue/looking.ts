import { type Blocker, MillraceError, type QueueStats } from '@millrace/core';
import { unpack } from '../session/wire.js';

export function statsFrom(numbers: readonly number[]): QueueStats {
  const at = (i: number): number => numbers[i] ?? 0;
  return {
    size: at(0),
    inHand: at(1),
    put: at(2),
    taken: at(3),
    acked: at(4),
    redelivered: at(5),
    refused: at(6),
    dropped: at(7),
    cleared: at(8),
    dead: at(9),
    deadDropped: at(10),
    producers: at(11),
    consumers: at(12),
    waitedMs: at(13),
  };
}

export function blockersFrom(found: readonly (readonly unknown[])[]): Blocker[] {
  return found.map(([kind, id, items, worker, madeAt]) => ({
    kind: kind as Blocker['kind'],
    id: id as string,
    ...(typeof items === 'number' ? { items } : {}),
    ...(typeof worker === 'string' ? { worker } : {}),
    ...(typeof madeAt === 'string' ? { madeAt } : {}),
  }));
}

/** Why an item came back, as its home keeps it: nothing, a consumer's own reason, or that its consumer was lost. */
export function lostReason(bytes: Buffer, read: (bytes: Uint8Array) => unknown): unknown {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === 1) return read(bytes.subarray(1));
  const [endpoint, worker] = unpack(bytes.subarray(1)) as [string, string | false];
  const of = worker === false ? '' : ` of worker ${worker}`;
  return new MillraceError('ENDPOINT_LOST', `Endpoint ${endpoint}${of} was lost with the item in hand, or on its way there.`, {
    endpoint,
    worker: worker === false ? undefined : worker,
  });
}
