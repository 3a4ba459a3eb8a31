import {
  type AnyMessages,
  Conversation,
  type ConversationOptions,
  defineWorker,
  type ErrorCode,
  hasCode,
  type HostArgs,
  memory,
  type MillraceError,
  type Peer,
  type Transport,
  type WorkerContext,
  type WorkerHandle,
} from '@millrace/core';
import { onTestFinished } from 'vitest';
import { links } from './links-transport.js';

/** Where conversations are tried: each rule has to hold wherever the peers are. */
export const places: readonly {
  readonly place: string;
  open(): Transport;
  readonly far: boolean;
}[] = [
  { place: 'memory', open: () => memory(), far: false },
  { place: 'links', open: () => links(), far: true },
];

/** Opens a transport that is closed after the test. */
export function opened<T extends Transport>(transport: T): T {
  onTestFinished(() => transport.close());
  return transport;
}

export function converse<Messages extends object = AnyMessages>(
  transport: Transport,
  options: Omit<ConversationOptions<Messages>, 'transport'> = {},
): Conversation<Messages> {
  return new Conversation<Messages>({ transport: opened(transport), ...options });
}

/** Runs a function as a worker that is given what it works with. */
export function away<Args, Result>(
  transport: Transport,
  args: Args,
  run: (args: Args, context: WorkerContext) => Result | Promise<Result>,
  name?: string,
): WorkerHandle<Awaited<Result>> {
  const ref = defineWorker(() => Promise.resolve({ default: run }));
  return transport.start(ref, args as HostArgs<Args>, { name });
}

/** Brings a peer to where a worker would use it, and keeps it there until the test is over. */
export async function settled<Messages extends object>(
  transport: Transport,
  peer: Peer<Messages>,
): Promise<Peer<Messages>> {
  if (transport.manifest.isolation === 'none') return peer;
  return new Promise((resolve) => {
    away(transport, peer, (arrived) => {
      resolve(arrived);
      return new Promise<void>((done) => {
        onTestFinished(() => {
          done();
        });
      });
    });
  });
}

/** What an act is refused with, whether it throws at once or rejects. */
export async function refusal(
  code: ErrorCode,
  act: Promise<unknown> | (() => unknown),
): Promise<MillraceError> {
  let given: unknown;
  try {
    given = await (typeof act === 'function' ? act() : act);
  } catch (error) {
    if (hasCode(error, code)) return error;
    throw error;
  }
  throw new Error(`expected ${code}, but it gave ${String(given)}`);
}

/** The rest of the turn, and all that follows from it without anything from outside. */
export function quiet(turns = 20): Promise<void> {
  return new Promise((resolve) => {
    const wait = (left: number): void => {
      if (left === 0) resolve();
      else setImmediate(wait, left - 1);
    };
    wait(turns);
  });
}

/** Resolves when a signal fires, or at once if it has fired. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
