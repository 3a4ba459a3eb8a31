import {
  type ArgsOf,
  type HostArgs,
  MillraceError,
  type QueueBackend,
  type QueueSpec,
  type ResultOf,
  type Runtime,
  type StartOptions,
  systemRuntime,
  type Transport,
  type TransportHealth,
  type TransportManifest,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import type { ValueForm } from '@millrace/core/channels';
import { type Connection, type RedisConnectOptions } from './connection/index.js';
import { queueKey } from './queue/names.js';
import { RedisQueue, type Travelling } from './queue/redis-queue.js';

export interface TransportParts {
  readonly connection: Connection;
  readonly runtime: Runtime;
  readonly form: ValueForm;
  readonly readReason: (bytes: Uint8Array) => unknown;
  readonly codec: string;
  readonly prefix: string;
  readonly lease: number;
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
  largestValue: 512 * 1024 * 1024,
  leaseWhileBlocked: true,
});

/** The transport's inside: the public factory gives it parts, and tests others. */
export class RedisTransport {
  readonly name = 'redis';
  readonly manifest = manifest;
  readonly runtime: Runtime;
  private readonly parts: TransportParts;
  private readonly queues = new Set<RedisQueue>();
  private closed: MillraceError | undefined;

  constructor(parts: TransportParts) {
    this.parts = parts;
    this.runtime = parts.runtime;
  }

  openQueue(spec: QueueSpec): RedisQueue {
    if (this.closed !== undefined) throw this.closed;
    return this.attach(spec);
  }

  attach(spec: QueueSpec): RedisQueue {
    const { prefix } = this.parts;
    const queue = new RedisQueue({ ...this.parts, spec, key: queueKey(prefix, spec.name) });
    this.queues.add(queue);
    return queue;
  }

  /** Makes an endpoint of what another process handed over. */
  claim(travelling: Travelling): ReturnType<RedisQueue['claim']> {
    const { spec } = travelling.body['port'] as { spec: QueueSpec };
    const known = [...this.queues].find((queue) => queue.spec.name === spec.name);
    return (known ?? this.attach(spec)).claim(travelling);
  }

  health(): TransportHealth {
    const queues = [...this.queues].filter((queue) => !queue.isOver).map((queue) => queue.session.health());
    return { open: this.closed === undefined, workers: 0, queues };
  }

  async close(): Promise<void> {
    if (this.closed === undefined) {
      this.closed = new MillraceError('TRANSPORT_CLOSED', 'The transport redis was closed.', { transport: 'redis' });
      await Promise.all([...this.queues].map((queue) => queue.leave(this.closed as MillraceError)));
      await this.parts.connection.close();
    }
  }

  /** Everything that was said has been answered, and everything that was answered has come. */
  async quiet(): Promise<number> {
    let activity = 0;
    for (const { session, joined } of this.queues) {
      await joined;
      await session.idle();
      await session.tend().catch(() => undefined);
      activity += session.activity;
    }
    return activity;
  }

  get sessions(): readonly RedisQueue[] {
    return [...this.queues];
  }
}

export type { QueueBackend };
export type { RedisConnectOptions, TransportHealth, ArgsOf, HostArgs, ResultOf, StartOptions, Transport, WorkerFunction, WorkerHandle, WorkerRef };
export { systemRuntime };
