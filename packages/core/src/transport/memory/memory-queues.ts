import { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { QueueBackend } from '../backend.js';
import type { TransportManifest } from '../manifest.js';
import type { QueueSpec } from '../spec.js';
import type { QueueHealth, QueueTransport } from '../transport.js';
import { Home } from './home.js';
import { HomeQueue } from './home-queue.js';

const manifest: TransportManifest = Object.freeze({
  isolation: 'none',
  durable: false,
  confirms: 'batch',
  values: 'reference',
  transfer: true,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  gate: true,
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
});

/**
 * Queues in this very process: what the memory transport is without its workers, so that whoever needs only queues does not
 * bring along all that a worker's side is made of.
 */
export class MemoryQueues implements QueueTransport {
  readonly name = 'memory';
  readonly manifest = manifest;
  readonly runtime: Runtime;
  private readonly homes = new Set<Home>();
  private closed: MillraceError | undefined;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  get open(): boolean {
    return this.closed === undefined;
  }

  check(): void {
    if (this.closed !== undefined) throw this.closed;
  }

  openQueue(spec: QueueSpec): QueueBackend {
    this.check();
    const { homes } = this;
    const home = new Home(spec, this.runtime);
    homes.add(home);
    void home.whenEnded()?.then(() => homes.delete(home));
    return new HomeQueue(home);
  }

  health(): QueueHealth[] {
    return [...this.homes].map((home) => home.health());
  }

  close(): void {
    this.closed ??= new MillraceError('TRANSPORT_CLOSED', 'The transport memory was closed.', { transport: 'memory' });
    for (const home of this.homes) home.dispose(this.closed);
    this.homes.clear();
  }
}
