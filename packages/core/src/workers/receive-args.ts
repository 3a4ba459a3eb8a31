import { rebuild, unpackErrors } from '../channels/values/errors.js';
import { QueueContract } from '../contracts/queue-contract.js';
import { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../queues/producer-endpoint.js';
import type { Runtime } from '../runtime/runtime.js';
import type { ConsumerBackend, EndpointToken, ProducerBackend } from '../transport/backend.js';
import { assemble, type Assembled } from './compounds.js';
import type { Parcel, SentArgs } from './send-args.js';

/** What a worker was given, and is closed when it ends. */
export type ReceivedEndpoint = ProducerEndpoint<unknown> | ConsumerEndpoint<unknown> | Assembled;

/** Makes endpoints of the tokens again, and of these what was made of them, where the worker runs. */
export function receiveArgs(
  sent: SentArgs,
  runtime: Runtime,
  revive: (token: EndpointToken) => ProducerBackend | ConsumerBackend,
): { args: unknown; endpoints: ReceivedEndpoint[] } {
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
  const assembled = compounds.map(({ standIn, kind, parts }) => {
    const compound = assemble(kind, restore(parts), runtime);
    done.set(standIn, compound);
    return compound;
  });
  // The outer ones first, when they are closed: each does so in its own order, and its parts have nothing left to do.
  return { args: restore(args), endpoints: [...assembled.reverse(), ...endpoints] };
}
