import { rebuild, unpackErrors } from '../channels/values/errors.js';
import { QueueContract } from '../contracts/queue-contract.js';
import { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, EndpointToken, ProducerBackend } from '../transport/backend.js';
import { type Assembled, loadAssembly } from './compounds.js';
import type { Parcel, SentArgs } from './send-args.js';

/** What a worker was given, and is closed when it ends. */
export type ReceivedEndpoint = ProducerEndpoint<unknown> | ConsumerEndpoint<unknown> | Assembled;

/** What arrives where the worker runs. */
export interface Received {
  /** The value, with live endpoints in it. */
  readonly args: unknown;
  /** What is to be closed, in this order. */
  readonly endpoints: readonly ReceivedEndpoint[];
  /**
   * Set where the value holds what is made of endpoints: the code for that is being loaded, and only when this resolves is the
   * value there, and all in the list that is to be closed. Rejects when it cannot be loaded.
   */
  readonly assembled?: Promise<void>;
}

/** Makes endpoints of the tokens again, and of these what was made of them, where the worker runs. */
export function receiveArgs(
  sent: SentArgs,
  runtime: Runtime,
  revive: (token: EndpointToken) => ProducerBackend | ConsumerBackend,
): Received {
  const done = new Map<object, unknown>();
  const standIns = sent.travellers.map(([standIn]) => standIn);
  const endpoints = sent.travellers.map(([standIn, token]): ReceivedEndpoint => {
    const backend = revive(token);
    const aspects = token.check === undefined ? {} : { contract: QueueContract.without(token.check) };
    const endpoint =
      token.role === 'producer'
        ? new ProducerEndpoint<unknown>(backend as ProducerBackend, runtime, aspects)
        : new ConsumerEndpoint<unknown>(backend as ConsumerBackend, runtime, aspects);
    done.set(standIn, endpoint);
    return endpoint;
  });
  const restore = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    return known !== undefined ? known : rebuild(value, done, restore);
  };
  // Errors were packed after the endpoints were swapped, and so come out first.
  const { args, compounds } = unpackErrors(sent.packed, standIns) as Parcel;
  if (compounds.length === 0) return { args: restore(args), endpoints };
  const received = {
    args: undefined as unknown,
    endpoints,
    assembled: loadAssembly(new Set(compounds.map(({ kind }) => kind))).then((assemble) => {
      for (const { standIn, kind, parts } of compounds) {
        const compound = assemble(kind, restore(parts), runtime);
        done.set(standIn, compound);
        // The outer ones first, when they are closed: each does so in its own order, and its parts have nothing left to do.
        endpoints.unshift(compound);
      }
      received.args = restore(args);
    }),
  };
  return received;
}
