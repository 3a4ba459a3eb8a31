import type { MessagePort } from 'node:worker_threads';

import type { ProgramCode } from '../program.ts';
import type { Source } from '../machine.ts';
import type { Scenario } from '../run.ts';
import type { Control } from './control.ts';

/** What a thread is born with. */
export interface Birth {
  readonly code: ProgramCode;
  readonly sleeps: boolean;
  readonly control: Control;
  readonly place: number;
  readonly port: MessagePort;
}

/** What it plays in one schedule. */
export interface Part {
  readonly scenario: Scenario;
  readonly index: number;
  /** By which the lock knows it. */
  readonly holder: number;
  readonly memory: SharedArrayBuffer;
  readonly pages: number;
  readonly jobs: readonly Source[];
  /** The host's index. */
  readonly host: number;
  /** To the host; of the host: to each endpoint. By their indexes. */
  readonly ports: ReadonlyMap<number, MessagePort>;
}

export type ToThread = { readonly play: Part } | { readonly lost: number };

/** What a thread tells the ledger, and how far it is. */
export type Report =
  | readonly ['keeps', number, readonly number[]]
  | readonly ['starts', number]
  | readonly ['shown', number, number, number]
  | readonly ['acks', number]
  | readonly ['clears']
  | readonly ['done', boolean]
  | readonly ['closed', boolean]
  | readonly ['cleared', number]
  | readonly ['failed', string];
