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

/** The queues of a worker's process. */
export function open(data: unknown): ChildHome {
  const { connect: options, prefix, lease } = data as ChildData;
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
