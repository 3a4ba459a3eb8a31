import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import type { Load } from '../../../contender.js';
import { judge, type LedgerPage } from '../../../ledger.js';
import type { ConsumerData } from '../../../workers/wire-consumer.js';
import type { ProducerData } from '../../../workers/wire-producer.js';
import { batchFor, capacityFor } from '../../sizes.js';
import type { Shape } from './shape.js';

/** How hand-written code sends. */
export interface Sending {
  /** Items in one message: 1 sends each by itself. */
  readonly batch: number;
  /** Items that one producer may have on the way on one of its wires: Infinity for no flow control. */
  readonly window: number;
}

export const unbounded: Sending = { batch: 1, window: Infinity };

/** As many items wait, in all, as this project's queue would hold. */
export function batched(bytes: number, wires: number): Sending {
  const window = Math.max(1, Math.floor(capacityFor(bytes) / wires));
  return { batch: Math.min(batchFor(bytes), Math.max(1, window >> 1)), window };
}

/** The ends of one producer's or one consumer's wires. */
export type Ends = readonly MessagePort[];
export interface Wiring {
  readonly producers: readonly Ends[];
  readonly consumers: readonly Ends[];
}

/** A wire from each producer to each consumer. */
export function mesh({ producers, consumers }: Shape): Wiring {
  const wires = Array.from({ length: producers }, () =>
    Array.from({ length: consumers }, () => new MessageChannel()),
  );
  return {
    producers: wires.map((row) => row.map(({ port1 }) => port1)),
    consumers: Array.from({ length: consumers }, (_, at) => wires.map((row) => row[at]!.port2)),
  };
}

/** Moves the load between threads that are wired so, and answers the rate. */
export async function overWires(
  wiring: Wiring,
  sending: Sending,
  { payload, items, warm }: Load,
): Promise<number> {
  const total = items + warm;
  const [producers, consumers] = [wiring.producers.length, wiring.consumers.length];
  const taking = wiring.consumers.map((ports) =>
    start('wire-consumer', {
      payload: payload.name,
      total,
      producers,
      consumers,
      ports,
      answers: sending.window !== Infinity,
    } satisfies ConsumerData),
  );
  await Promise.all(taking.map((worker) => once(worker, 'online')));
  const pages = taking.map((worker) => once(worker, 'message') as Promise<[LedgerPage]>);
  const putting = wiring.producers.map((ports, first) =>
    start('wire-producer', {
      payload: payload.name,
      first,
      step: producers,
      total,
      ports,
      ...sending,
    } satisfies ProducerData),
  );
  await Promise.all(putting.map((worker) => once(worker, 'exit')));
  return judge(
    (await Promise.all(pages)).map(([page]) => page),
    total,
    warm,
  );
}

function start(name: 'wire-consumer' | 'wire-producer', data: ConsumerData | ProducerData): Worker {
  return new Worker(new URL(`../../../workers/${name}.js`, import.meta.url), {
    workerData: data,
    transferList: [...data.ports],
  });
}
