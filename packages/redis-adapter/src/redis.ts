import { MillraceError, type Runtime, systemRuntime, type Transport } from '@millrace/core';
import { type Codec, json } from './codec/index.js';
import { connect, type RedisConnectOptions } from './connection/index.js';
import { Keeper } from './lease/keeper.js';
import { childCodecs } from './processes/child.js';
import type { ProcessLimits } from './processes/index.js';
import { type ListNaming, RedisTransport } from './transport.js';
import { LARGEST_VALUE, listValuesBy, valuesBy } from './values.js';

export type RedisOptions = RedisConnectOptions & {
  /** What every key begins with. Default `millrace:`. */
  readonly prefix?: string | undefined;
  /**
   * How long a process may be silent, in ms, before it counts as gone: its endpoints are lost, and what it had in hand is
   * delivered again. 1000 or more; default 15000.
   */
  readonly lease?: number | undefined;
  /**
   * What to do when the server has lost what it had confirmed: an unplanned fail-over to a replica that had not been sent all,
   * keys that were deleted or evicted. Either way an event `data-lost` tells, where it can with how many items. `continue`
   * makes the queue anew where need be and goes on; `stop` fails all that this process does with it with `DATA_LOST`.
   * Default `continue`.
   */
  readonly onDataLoss?: 'continue' | 'stop' | undefined;
  /**
   * How values are written. The same for all who open a queue. Default: plain data and bytes as MessagePack, which programs in
   * other languages read, and whatever else structured clone carries (dates, maps, errors, cycles...) as V8 writes it, which only
   * JavaScript on V8 reads. With `msgpack` or `json` what the format has no word for is `VALUE_NOT_CLONEABLE`.
   */
  readonly codec?: Codec | undefined;
  /** How many bytes one value may take. Default: about 512 MiB, the most that Redis takes. */
  readonly largestValue?: number | undefined;
  /** Memory limits of worker processes. */
  readonly resourceLimits?: ProcessLimits | undefined;
  /** The clock of waits. Default: the platform's. Leases are on the server's. */
  readonly runtime?: Runtime | undefined;
};

/**
 * Queues in Redis 6.2 or newer, or Valkey, and workers in processes of their own. A queue with a name is the same for
 * everybody who opens it with that name, on whatever machine; one without belongs to the process that opened it.
 *
 * It connects in the background: what cannot work shows where a queue is first used, as `CONNECTION_FAILED`, `AUTH_FAILED`,
 * `SERVER_TOO_OLD` or `SERVER_READ_ONLY`. Close the transport when it is done with: until then its connection keeps the process from ending.
 *
 * @example
 * ```ts
 * import { IterableQueue } from '@millrace/core';
 * import { redis } from '@millrace/redis-adapter';
 *
 * const transport = redis({ url: 'redis://localhost:6379' });
 * const queue = new IterableQueue<string>({ transport, name: 'greetings' });
 * await queue.producer().put('hello');
 * console.log(await queue.consumer().get()); // prints: hello
 * await transport.close();
 * ```
 */
export function redis(options: RedisOptions): Transport {
  return openTransport(options);
}

/** As {@link redis}; with `lists` its queues are plain lists. */
export function openTransport(options: RedisOptions, lists?: Omit<ListNaming, 'codec'>): Transport {
  const {
    prefix = 'millrace:',
    lease = 15_000,
    codec,
    largestValue = LARGEST_VALUE,
    onDataLoss = 'continue',
    resourceLimits,
    runtime = systemRuntime,
    ...where
  } = options;
  if (!(Number.isFinite(lease) && lease >= 1000))
    throw new MillraceError(
      'BAD_OPTION',
      `${lists === undefined ? 'redis' : 'redisLists'}() was given lease ${String(lease)}; it must be 1000 ms or more.`,
      { option: 'lease', value: lease },
    );
  const connection = connect(where);
  const reachable = connection.options;
  const transport = new RedisTransport({
    ...(lists === undefined
      ? valuesBy(codec, largestValue)
      : listValuesBy(codec ?? json, largestValue)),
    lists: lists === undefined ? undefined : { ...lists, codec: (codec ?? json).id },
    connection,
    keeper:
      reachable === undefined ? undefined : new Keeper({ connect: reachable, interval: lease / 3 }),
    child:
      reachable === undefined || (codec !== undefined && !childCodecs.includes(codec))
        ? undefined
        : { connect: reachable, prefix, lease, codec: codec?.name, largestValue },
    runtime,
    prefix,
    lease,
    largestValue,
    onDataLoss,
    resourceLimits,
  });
  return Object.freeze({
    name: transport.name,
    manifest: transport.manifest,
    runtime,
    openQueue: (spec) => transport.openQueue(spec),
    start: (worker, args, start) => transport.start(worker, args, start),
    health: () => transport.health(),
    close: () => transport.close(),
  } satisfies Transport);
}
