import { MillraceError, type Transport } from '@millrace/core';
import { openTransport, type RedisOptions } from '../redis.js';

export type RedisListsOptions = RedisOptions & {
  /** The list's key, by the queue's name. Default: the name itself. */
  readonly key?: ((name: string) => string) | undefined;
  /**
   * The side at which entries are pushed, `LPUSH` or `RPUSH`; they are popped at the other, by `RPOP` or `LPOP`. Default
   * `'left'`.
   */
  readonly push?: 'left' | 'right' | undefined;
};

/**
 * Queues that are plain Redis lists of JSON, for programs in other languages that push entries and pop them. A queue's name is
 * its list's key. Whatever such a program pushes, consumers here take, and whatever producers here put, it can pop.
 *
 * Among programs that use this transport the whole contract holds, but for gates and headers, which are refused with
 * `CAPABILITY_MISSING`. Of others nothing is known: their pushes go beyond the capacity, an entry they have popped counts as
 * done, and the queue ends without them. The codec is JSON unless another is given.
 *
 * @example
 * ```ts
 * import { IterableQueue } from '@millrace/core';
 * import { redisLists, tableDish } from '@millrace/redis-adapter';
 *
 * const transport = redisLists({ url: 'redis://localhost:6379' });
 * const orders = new IterableQueue<{ soup: string }>({ transport, name: tableDish('kitchen', 'orders') });
 * await orders.producer().put({ soup: 'leek' }); // in Redis: LPUSH kitchen:orders '{"soup":"leek"}'
 * console.log(await orders.consumer().get()); // prints: { soup: 'leek' }
 * await transport.close();
 * ```
 */
export function redisLists(options: RedisListsOptions): Transport {
  const { key = (name) => name, push = 'left', prefix = 'millrace:', ...rest } = options;
  if (!SIDES.has(push)) throw bad('push', push, "it can be 'left' or 'right'");
  if (typeof key !== 'function') throw bad('key', key, 'it must be a function from names to keys');
  if (/[{}]/.test(prefix)) throw bad('prefix', prefix, 'it cannot have braces, which would decide where in a Cluster its keys are');
  return openTransport({ ...rest, prefix }, { key, push });
}

const SIDES = new Set<unknown>(['left', 'right']);

function bad(option: string, value: unknown, what: string): MillraceError {
  return new MillraceError('BAD_OPTION', `redisLists() was given ${option} ${String(value)}; ${what}.`, { option, value });
}
