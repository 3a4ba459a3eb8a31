import { memory, type Transport } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

/** The first is the default. */
export const transportNames = ['threads', 'memory'] as const;

export type TransportName = (typeof transportNames)[number];

/** Where the queue lives and what its workers are: the one line in which the two ways differ. */
export function openTransport(name: TransportName): Transport {
  return name === 'memory' ? memory() : workerThreads();
}
