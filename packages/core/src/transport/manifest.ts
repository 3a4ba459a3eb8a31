import type { Acknowledge, Confirm, Overflow } from './spec.js';

/**
 * What a transport can do, frozen when it is made. The conformance suite runs the cases that the manifest allows, and a
 * queue that asks for more than it says is refused with `CAPABILITY_MISSING` when it is opened.
 */
export interface TransportManifest {
  /** What can die by itself. With `'none'`, workers share the host's fate and crash cases do not apply. */
  readonly isolation: 'none' | 'thread' | 'process' | 'machine';
  /** Whether items outlive the host. */
  readonly durable: boolean;
  /** When a put is answered if the queue does not say: `'batch'` is once accepted, `'each'` once its home has it. */
  readonly confirms: Confirm;
  /** Whether a consumer gets the very object that was put, or an equal one. */
  readonly values: 'reference' | 'clone';
  /** Whether `put(value, { transfer })` can move buffers and ports. */
  readonly transfer: boolean;
  readonly acknowledge: readonly Acknowledge[];
  readonly overflow: readonly Overflow[];
  /** Whether queues can refuse items while they are not ready: ReadyQueue. */
  readonly gate: boolean;
  /** Whether an item can carry headers besides its value: `put(value, { headers })`. Default: true. */
  readonly headers?: boolean;
  /** What order is kept: a producer's items reach any one consumer in the order they were put. */
  readonly ordering: 'per-producer';
  /** The largest value in bytes, or Infinity. */
  readonly largestValue: number;
  /** Whether an endpoint in a thread whose event loop is blocked stays open. */
  readonly leaseWhileBlocked: boolean;
}
