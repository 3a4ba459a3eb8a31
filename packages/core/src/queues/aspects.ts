import type { QueueContract } from '../contracts/queue-contract.js';
import type { Propagation } from '../telemetry/propagation.js';

/** What a queue asks of its endpoints besides passing items on. */
export interface Aspects {
  readonly contract?: QueueContract | undefined;
  readonly propagation?: Propagation | undefined;
}
