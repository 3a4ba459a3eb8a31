import type { Transport } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

/** This project's two ways between threads. */
export interface Channel {
  readonly name: string;
  readonly open: () => Transport;
}

export const ports: Channel = { name: 'millrace', open: () => workerThreads({ channel: 'ports' }) };

export const sharedMemory: Channel = {
  name: 'millrace-shared-memory',
  open: () => workerThreads({ channel: 'shared-memory' }),
};

/** With room for large items: by default a queue's memory holds 16 of 64 KiB, and the others go by the host. */
export const roomySharedMemory: Channel = {
  name: 'millrace-shared-memory-64-mib',
  open: () => workerThreads({ channel: 'shared-memory', bytes: 64 * 1024 * 1024 }),
};

export const channels = [ports, sharedMemory] as const;
