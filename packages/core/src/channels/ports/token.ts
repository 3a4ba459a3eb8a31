import type { QueueSpec } from '../../transport/spec.js';

/** What a far endpoint has to know of its queue. */
export type RemoteSpec = Pick<QueueSpec, 'name' | 'gate' | 'overflow' | 'confirm' | 'redelivery' | 'acknowledge'>;

/** What travels in a far endpoint's place. */
export interface RemoteToken {
  readonly id: string;
  readonly spec: RemoteSpec;
  /** The raw port, moved with the token. */
  readonly port: object;
  readonly epoch: number;
  /** The queue's gate is closed. */
  readonly refusing: boolean;
  /** A producer that was handed on keeps its credits, and the number of its next item. */
  readonly credits?: number;
  /** For a consumer, that of the next item that a delivery puts. */
  readonly sequence?: number;
  /** A consumer that was handed on keeps the count of what it gave back, and what it knows of the end. */
  readonly nacks?: number;
  readonly end?: { readonly alone: boolean; readonly changes: number } | undefined;
}

/** What of a port has to be moved: itself, or the one within what stands in its place, with what else that says. */
export function movedOf(port: object): object[] {
  const { port: within, moved = [] } = port as { readonly port?: object; readonly moved?: readonly object[] };
  return within === undefined ? [port] : [within, ...moved];
}

export type ConsumerState = Pick<RemoteToken, 'epoch' | 'refusing' | 'sequence' | 'nacks' | 'end'>;
