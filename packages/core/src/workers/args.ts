import type { Runtime } from '../runtime/runtime.js';
import { fix, move } from '../channels/values/fix.js';
import { transferablesOf } from '../channels/values/survey.js';
import { packErrors, type Packed, rebuild, unpackErrors } from '../channels/values/errors.js';
import { QueueContract } from '../contracts/queue-contract.js';
import { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { DEPART, isTraveller, type Traveller } from '../queues/travel.js';
import type { ConsumerBackend, Departure, EndpointToken, ProducerBackend } from '../transport/backend.js';

/** A worker's arguments under way: each endpoint in them is an empty stand-in, found again by its identity. */
export interface SentArgs {
  readonly packed: Packed;
  readonly travellers: readonly (readonly [standIn: object, token: EndpointToken])[];
}

/**
 * Moves the endpoints in a worker's arguments, at any depth, into tokens. All is judged before anything is moved, so that
 * what throws has moved nothing. `moved` names what else in them is moved rather than copied.
 */
export function sendArgs(args: unknown, via: Departure, moved: readonly object[] = []): { sent: SentArgs; transfer: object[] } {
  const found = new Map<object, Traveller>();
  const done = new Map<object, unknown>();
  const swap = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (!isTraveller(value)) return rebuild(value, done, swap);
    const standIn = {};
    done.set(value, standIn);
    found.set(standIn, value);
    return standIn;
  };
  const swapped = swap(args);
  const leave = (i: number): EndpointToken => ([...found.values()][i]!)[DEPART](via);
  for (const traveller of found.values()) traveller[DEPART](via, 'check');
  const standIns = [...found.keys()];
  const swappedArgs = { value: swapped, standIns };
  if (via.local) {
    const travellers = standIns.map((standIn, i) => [standIn, leave(i)] as const);
    return { sent: { packed: { value: swapped, errors: [] }, travellers }, transfer: [] };
  }
  fix(without(swapped, moved), 'args');
  // In one piece with the stand-ins, so that they are found again in the copy.
  const kept = moved.length === 0 ? swappedArgs : (move(swappedArgs, moved) as typeof swappedArgs);
  const travellers = kept.standIns.map((standIn, i) => [standIn, leave(i)] as const);
  return {
    sent: { packed: packErrors(kept.value, kept.standIns), travellers },
    transfer: [
      ...(moved.length === 0 ? [] : transferablesOf(kept.value)),
      ...travellers.flatMap(([, token]) => [...token.transfer]),
    ],
  };
}

/** The value with nothing in the place of what is moved: copies need not be possible there. */
function without(root: unknown, moved: readonly object[]): unknown {
  if (moved.length === 0) return root;
  const done = new Map<object, unknown>(moved.map((object) => [object, {}]));
  const leave = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return done.get(value) ?? rebuild(value, done, leave);
  };
  return leave(root);
}

export type ReceivedEndpoint = ProducerEndpoint<unknown> | ConsumerEndpoint<unknown>;

/** Makes endpoints of the tokens again, where the worker runs. */
export function receiveArgs(
  sent: SentArgs,
  runtime: Runtime,
  revive: (token: EndpointToken) => ProducerBackend | ConsumerBackend,
): { args: unknown; endpoints: ReceivedEndpoint[] } {
  const done = new Map<object, unknown>();
  const standIns = sent.travellers.map(([standIn]) => standIn);
  const endpoints = sent.travellers.map(([standIn, token]) => {
    const backend = revive(token);
    const contract = token.check === undefined ? undefined : QueueContract.without(token.check);
    const endpoint =
      token.role === 'producer'
        ? new ProducerEndpoint<unknown>(backend as ProducerBackend, runtime, contract)
        : new ConsumerEndpoint<unknown>(backend as ConsumerBackend, runtime, contract);
    done.set(standIn, endpoint);
    return endpoint;
  });
  const restore = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    return known !== undefined ? known : rebuild(value, done, restore);
  };
  // Errors were packed after the endpoints were swapped, and so come out first.
  return { args: restore(unpackErrors(sent.packed, standIns)), endpoints };
}
