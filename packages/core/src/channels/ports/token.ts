import type { QueueSpec } from '../../transport/spec.js';

/** What a far endpoint has to know of its queue. */
export type RemoteSpec = Pick<QueueSpec, 'name' | 'overflow' | 'confirm' | 'redelivery' | 'acknowledge'>;

/** What travels in a far endpoint's place. */
export interface RemoteToken {
  readonly id: string;
  readonly spec: RemoteSpec;
  /** The raw port, moved with the token. */
  readonly port: object;
  readonly epoch: number;
  /** A producer that was handed on keeps its credits and its count. */
  readonly credits?: number;
  readonly sequence?: number;
}
