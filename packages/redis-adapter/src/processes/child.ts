import { systemRuntime } from '@millrace/core';
import { connect, type ConnectOptions } from '../connection/index.js';
import { json } from '../codec/index.js';
import { defaultValues, LARGEST_VALUE, listValuesBy } from '../values.js';
import { Keeper } from '../lease/keeper.js';
import { RedisTransport } from '../transport.js';
import type { ChildHome } from './home.js';

/** What a worker's process needs to reach its queues. */
export interface ChildData {
  readonly connect: ConnectOptions;
  readonly prefix: string;
  readonly lease: number;
}

/**
 * How long, in ms, the first connection of a worker's process may take at the least. Its parent has found the server, so
 * what takes its time is many processes that start at once.
 */
const PATIENCE = 120_000;

/** The queues of a worker's process. */
export function open(data: unknown): ChildHome {
  const { connect: given, prefix, lease } = data as ChildData;
  const options = { ...given, connectTimeout: Math.max(given.connectTimeout ?? 0, PATIENCE) };
  const transport = new RedisTransport({
    ...defaultValues,
    listValues: listValuesBy(json, LARGEST_VALUE),
    connection: connect(options),
    keeper: new Keeper({ connect: options, interval: lease / 3 }),
    runtime: systemRuntime,
    prefix,
    lease,
  });
  return {
    revive: (token) => transport.claim(token as never),
    close: () => transport.close(),
  };
}
