import { systemRuntime } from '@millrace/core';
import { connect, type ConnectOptions } from '../connection/index.js';
import { type Codec, json, msgpack } from '../codec/index.js';
import { listValuesBy, valuesBy } from '../values.js';
import { Keeper } from '../lease/keeper.js';
import { RedisTransport } from '../transport.js';
import type { ChildHome } from './home.js';

/** What a worker's process needs to reach its queues. */
export interface ChildData {
  readonly connect: ConnectOptions;
  readonly prefix: string;
  readonly lease: number;
  /** Which of {@link childCodecs}; none is the default. */
  readonly codec: string | undefined;
  readonly largestValue: number;
}

/** Codecs that a process can load by their names. */
export const childCodecs: readonly Codec[] = [json, msgpack];

/**
 * How long, in ms, the first connection of a worker's process may take at the least. Its parent has found the server, so
 * what takes its time is many processes that start at once.
 */
const PATIENCE = 120_000;

/** The queues of a worker's process. */
export function open(data: unknown): ChildHome {
  const { connect: given, prefix, lease, codec: name, largestValue } = data as ChildData;
  const codec = childCodecs.find((known) => known.name === name);
  const options = { ...given, connectTimeout: Math.max(given.connectTimeout ?? 0, PATIENCE) };
  const transport = new RedisTransport({
    ...valuesBy(codec, largestValue),
    listValues: listValuesBy(codec ?? json, largestValue),
    connection: connect(options),
    keeper: new Keeper({ connect: options, interval: lease / 3 }),
    runtime: systemRuntime,
    prefix,
    lease,
    largestValue,
  });
  return {
    revive: (token) => transport.claim(token as never),
    close: () => transport.close(),
  };
}
