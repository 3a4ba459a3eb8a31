import type { ConsumerBackend, Departure, EndpointToken, ProducerBackend } from '@millrace/core';

/** How endpoints leave for processes: the parent's side. */
export interface EndpointHome {
  departure(worker: string): Departure;
  /** Resolves once what the worker is given can be claimed. */
  known(worker: string): Promise<void>;
  /** The worker is gone: whatever it was given, and still has, is lost now. Called once, whatever ended it. */
  lost(worker: string): void;
}

/** How they arrive: the child's side. */
export interface ChildHome {
  revive(token: EndpointToken): ProducerBackend | ConsumerBackend;
  /** Everything is told, and nothing is left open. */
  close(): Promise<void>;
}

/** The module that makes the child's side. */
export interface ChildModule {
  /** `data` is what the parent sent along. Called when the first endpoint arrives, so that a worker without any connects to nothing. */
  readonly open: (data: unknown) => ChildHome | Promise<ChildHome>;
}

/** Where that module is. */
export interface ChildPlace {
  /** Its URL. */
  readonly module: string;
  /** Plain data for its `open`. */
  readonly data: unknown;
}
