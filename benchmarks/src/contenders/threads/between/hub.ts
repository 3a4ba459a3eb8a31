import { MessageChannel, type MessagePort } from 'node:worker_threads';

import type { Contender } from '../../../contender.js';
import type { Shape } from './shape.js';
import { batched, type Sending, overWires, type Wiring } from './wires.js';

/** Batches from all producers to the main thread, and from there to whichever consumer has room. */
export const batchedHub = (shape: Shape): Contender => ({
  name: 'batched-hub',
  share: 0.4,
  run: (load) => {
    const sending = batched(load.payload.bytes, shape.producers);
    return overWires(hub(shape, sending), sending, load);
  },
});

interface Parcel {
  readonly items: unknown;
  readonly length: number;
  readonly from: MessagePort;
}

function hub({ producers, consumers }: Shape, { batch, window }: Sending): Wiring {
  const incoming = Array.from({ length: producers }, () => new MessageChannel());
  const outgoing = Array.from({ length: consumers }, () => new MessageChannel());
  const waiting: Parcel[] = [];
  const room = outgoing.map(() => window);
  let open = producers;
  let ended = false;
  let turn = 0;

  const pass = (): void => {
    while (waiting.length > 0) {
      const tried = room.findIndex((_, i) => room[(turn + i) % consumers]! >= batch);
      if (tried < 0) return;
      const at = (turn + tried) % consumers;
      turn = at + 1;
      const { items, length, from } = waiting.shift()!;
      room[at]! -= length;
      outgoing[at]!.port1.postMessage(items);
      from.postMessage(length);
    }
    if (open > 0 || ended) return;
    ended = true;
    for (const { port1 } of outgoing) port1.postMessage(null);
  };
  for (const { port1: from } of incoming)
    from.on('message', (items: unknown) => {
      if (items === null) {
        from.close();
        open--;
      } else waiting.push({ items, length: Array.isArray(items) ? items.length : 1, from });
      pass();
    });
  outgoing.forEach(({ port1 }, at) =>
    port1.on('message', (taken: number) => {
      room[at]! += taken;
      pass();
    }),
  );
  return {
    producers: incoming.map(({ port2 }) => [port2]),
    consumers: outgoing.map(({ port2 }) => [port2]),
  };
}
