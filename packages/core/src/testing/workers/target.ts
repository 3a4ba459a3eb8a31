import type { TransportManifest } from '../../transport/manifest.js';
import type { Transport } from '../../transport/transport.js';
import type { ManualClock } from '../clock.js';

/** How a worker's thread or process can come to its end there, besides being terminated. */
export type Death = 'exit' | 'uncaught' | 'memory';

/** A transport whose workers are to be proved. `memoryWorkersTarget()` is an example. */
export interface WorkersUnderTest {
  readonly name: string;
  /** As the transport's own. Says which cases apply. */
  readonly manifest: TransportManifest;
  /** Its fixtures have a clock, which its workers use too: cases that let time pass exactly apply only then. Default: false. */
  readonly timed?: boolean;
  /** Which deaths its workers can die. Default: all where the manifest's isolation is not none. */
  readonly deaths?: readonly Death[];
  /** Its runtime tells a module that is not there from one that fails to load. Default: where values are copied. */
  readonly tellsMissing?: boolean;
  /** Whether what the host says to a worker and what it puts into queues arrive in that order. Default: in one process. */
  readonly ordered?: boolean;
  /** How often a worker is started and stopped in a row. Default 1,000. */
  readonly starts?: number;
  /** How often a full outbox is flushed by a message. Default 1,000. */
  readonly flushes?: number;
  create(): Promise<WorkersFixture> | WorkersFixture;
}

/** What one case works with. */
export interface WorkersFixture {
  readonly transport: Transport;
  readonly clock?: ManualClock;
  /** Names the workers, timers, ports and listeners that are still there. Asked after `dispose`. */
  leftovers(): string[] | Promise<string[]>;
  /** What grows when something is left behind: threads, listeners, handles, bytes of heap (after it was collected). */
  measure?(): Promise<Readonly<Record<string, number>>>;
  dispose(): Promise<void>;
}
