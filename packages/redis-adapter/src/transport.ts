import {
  type ArgsOf,
  type ConsumerBackend,
  type HostArgs,
  MillraceError,
  type ProducerBackend,
  type QueueSpec,
  type ResultOf,
  type Runtime,
  type StartOptions,
  type Transport,
  type TransportHealth,
  type TransportManifest,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import type { Connection } from './connection/index.js';
import type { Keeper } from './lease/keeper.js';
import { besideList, type PlainList } from './lists/list.js';
import type { ChildData } from './processes/child.js';
import { type ProcessLimits, startProcess } from './processes/index.js';
import { ownKey, queueKey } from './queue/names.js';
import { RedisQueue, type Travelling } from './queue/redis-queue.js';
import { LARGEST_VALUE, type Values } from './values.js';

/** How queues are plain lists. */
export interface ListNaming {
  key(name: string): string;
  readonly push: 'left' | 'right';
  /** The codec's id. */
  readonly codec: number;
}

export interface TransportParts extends Values {
  /** Its queues are plain lists. */
  readonly lists?: ListNaming | undefined;
  /** For endpoints of plain lists that are handed to it, where its own queues are none. */
  readonly listValues?: Values | undefined;
  readonly connection: Connection;
  readonly keeper?: Keeper | undefined;
  /** What worker processes connect by. Without it they are given no endpoints. */
  readonly child?: ChildData | undefined;
  readonly runtime: Runtime;
  readonly prefix: string;
  readonly lease: number;
  readonly largestValue?: number | undefined;
  readonly onDataLoss?: 'continue' | 'stop' | undefined;
  readonly resourceLimits?: ProcessLimits | undefined;
  readonly time?: (() => number) | undefined;
}

export const manifest: TransportManifest = Object.freeze({
  isolation: 'machine',
  durable: true,
  confirms: 'each',
  values: 'clone',
  transfer: false,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  gate: true,
  ordering: 'per-producer',
  largestValue: LARGEST_VALUE,
  leaseWhileBlocked: true,
});

export const listManifest: TransportManifest = Object.freeze({
  ...manifest,
  gate: false,
  headers: false,
});

/** The transport's inside: the public factory gives it its parts. */
export class RedisTransport implements Transport {
  readonly name: string;
  readonly manifest: TransportManifest;
  readonly runtime: Runtime;
  private readonly parts: TransportParts;
  private readonly queues = new Set<RedisQueue>();
  private readonly workers = new Set<WorkerHandle<unknown>>();
  private started = 0;
  private closed: MillraceError | undefined;
  private closing: Promise<void> | undefined;

  constructor(parts: TransportParts) {
    this.parts = parts;
    this.runtime = parts.runtime;
    const { largestValue = LARGEST_VALUE, keeper, time, lists } = parts;
    this.name = lists === undefined ? 'redis' : 'redis-lists';
    this.manifest = Object.freeze({
      ...(lists === undefined ? manifest : listManifest),
      largestValue,
      leaseWhileBlocked: keeper !== undefined || time !== undefined,
    });
  }

  openQueue(spec: QueueSpec): RedisQueue {
    if (this.closed !== undefined) throw this.closed;
    const { prefix, lists } = this.parts;
    if (lists !== undefined) {
      const { push, codec } = lists;
      const own = ownKey(prefix);
      const key = spec.exclusive ? `${own}:list` : checkedKey(lists.key(spec.name), spec.name);
      return this.attach(spec, spec.exclusive ? own : besideList(prefix, key), {
        key,
        push,
        codec,
      });
    }
    return this.attach(spec, spec.exclusive ? ownKey(prefix) : queueKey(prefix, spec.name));
  }

  /** Takes part in the queue with this key. */
  attach(spec: QueueSpec, key: string, list?: PlainList): RedisQueue {
    const queue = new RedisQueue({
      ...this.parts,
      ...(list === undefined ? {} : this.parts.listValues),
      spec,
      key,
      list,
    });
    this.queues.add(queue);
    void queue.done.then(() => this.queues.delete(queue));
    return queue;
  }

  /** Makes an endpoint of what another process handed over. */
  claim(travelling: Travelling): ProducerBackend | ConsumerBackend {
    const { spec, key, list } = travelling.body['port'] as {
      spec: QueueSpec;
      key: string;
      list?: PlainList;
    };
    const known = [...this.queues].find((queue) => queue.key === key);
    return (known ?? this.attach(spec, key, list)).claim(travelling);
  }

  start<Entry extends WorkerFunction<never, unknown>>(
    worker: WorkerRef<Entry>,
    args: HostArgs<ArgsOf<Entry>>,
    start: StartOptions = {},
  ): WorkerHandle<ResultOf<Entry>> {
    if (this.closed !== undefined) throw this.closed;
    const { child, resourceLimits } = this.parts;
    const id = start.name ?? `worker-${String(++this.started)}`;
    const handle = startProcess({
      id,
      worker,
      args,
      start,
      runtime: this.runtime,
      resourceLimits,
      home: {
        departure: (of) => ({
          get worker() {
            // Asked for by each endpoint before it leaves.
            if (child === undefined) throw unreachable(of);
            return of;
          },
          local: false,
          open: () => {
            throw cannotTravel();
          },
        }),
        known: (of) => this.knownOf(of),
        lost: (of) => {
          for (const { given } of this.queues) given.lose(of);
        },
      },
      child: { module: import.meta.resolve('@millrace/redis-adapter/process-child'), data: child },
    });
    this.workers.add(handle);
    void handle.exit.then(() => this.workers.delete(handle));
    return handle as WorkerHandle<ResultOf<Entry>>;
  }

  /** Resolves once the homes of all endpoints that were handed to this worker know that they have left. */
  async knownOf(worker: string): Promise<void> {
    await Promise.all([...this.queues].map(({ given }) => given.known(worker)));
  }

  health(): TransportHealth {
    const queues = [...this.queues]
      .filter((queue) => !queue.isOver)
      .map((queue) => queue.session.health());
    return { open: this.closed === undefined, workers: this.workers.size, queues };
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll(
      new MillraceError('TRANSPORT_CLOSED', `The transport ${this.name} was closed.`, {
        transport: this.name,
      }),
    );
    return this.closing;
  }

  private async closeAll(error: MillraceError): Promise<void> {
    this.closed = error;
    for (const worker of this.workers) worker.stop();
    await Promise.all([...this.queues].map((queue) => queue.leave(error)));
    await Promise.all([...this.workers].map((worker) => worker.exit));
    await Promise.all([this.parts.keeper?.close(), this.parts.connection.close()]);
  }

  get sessions(): readonly RedisQueue[] {
    return [...this.queues];
  }
}

function cannotTravel(): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    'An endpoint of another transport cannot go to a worker process of redis(): only endpoints of its own queues can.',
    { transport: 'redis' },
  );
}

function unreachable(worker: string): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    `Worker ${worker} cannot be given endpoints: a process of its own cannot use a client object or a codec of your own that redis() was given. Give redis() a url instead of the client, and json, msgpack or no codec.`,
    { transport: 'redis', worker },
  );
}

function checkedKey(key: unknown, name: string): string {
  try {
    if (typeof key === 'string') {
      // Half of a surrogate pair is no text, and throws.
      encodeURIComponent(key);
      return key;
    }
  } catch {
    // Said below.
  }
  throw new MillraceError(
    'BAD_OPTION',
    `redisLists() was given a function key, and it answered no text for queue ${JSON.stringify(name)}.`,
    {
      option: 'key',
      value: key,
    },
  );
}
