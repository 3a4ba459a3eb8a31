import type { Runtime } from '../runtime/runtime.js';
import type { Clone } from '../channels/values/clone.js';
import { fix, move } from '../channels/values/fix.js';
import { transferablesOf } from '../channels/values/survey.js';
import { packErrors, type Packed, rebuild, unpackErrors } from '../channels/values/errors.js';
import { QueueContract } from '../contracts/queue-contract.js';
import { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { DEPART, DISMANTLE, type Dismantled, isCompound, isTraveller, type Traveller } from '../queues/travel.js';
import type { ConsumerBackend, Departure, EndpointToken, ProducerBackend } from '../transport/backend.js';
import { assemble, type Assembled } from './compounds.js';

/**
 * A worker's arguments under way: each endpoint in them is an empty stand-in, found again by its identity, and so is
 * whatever is made of endpoints.
 */
export interface SentArgs {
  /** A {@link Parcel}. */
  readonly packed: Packed;
  readonly travellers: readonly (readonly [standIn: object, token: EndpointToken])[];
}

/** All that is cloned, in one piece, so that identities within it are kept. */
interface Parcel {
  readonly args: unknown;
  readonly standIns: readonly object[];
  /** Those that are within others come before them. */
  readonly compounds: readonly { readonly standIn: object; readonly kind: string; readonly parts: unknown }[];
}

/**
 * Moves the endpoints in a worker's arguments, at any depth, into tokens. All is judged before anything is moved, so that
 * what throws has moved nothing. `moved` names what else in them is moved rather than copied; `clone` copies the rest, to
 * judge it.
 */
export function sendArgs(
  args: unknown,
  via: Departure,
  moved: readonly object[] = [],
  clone?: Clone,
): { sent: SentArgs; transfer: object[] } {
  const dismantled: Dismantled[] = [];
  try {
    const result = send(args, via, moved, dismantled, clone);
    for (const apart of dismantled) apart.settle(true);
    return result;
  } catch (error) {
    for (const apart of dismantled) apart.settle(false);
    throw error;
  }
}

function send(
  args: unknown,
  via: Departure,
  moved: readonly object[],
  dismantled: Dismantled[],
  clone: Clone | undefined,
): { sent: SentArgs; transfer: object[] } {
  const found = new Map<object, Traveller>();
  const compounds: { standIn: object; kind: string; parts: unknown }[] = [];
  const done = new Map<object, unknown>();
  const swap = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (isCompound(value)) {
      const apart = value[DISMANTLE]();
      dismantled.push(apart);
      const standIn = {};
      done.set(value, standIn);
      compounds.push({ standIn, kind: apart.kind, parts: swap(apart.parts) });
      return standIn;
    }
    if (!isTraveller(value)) return rebuild(value, done, swap);
    const standIn = {};
    done.set(value, standIn);
    found.set(standIn, value);
    return standIn;
  };
  const swapped = swap(args);
  const leave = (i: number): EndpointToken => ([...found.values()][i]!)[DEPART](via);
  for (const traveller of found.values()) traveller[DEPART](via, 'check');
  const parcel: Parcel = { args: swapped, standIns: [...found.keys()], compounds };
  if (via.local) {
    const travellers = parcel.standIns.map((standIn, i) => [standIn, leave(i)] as const);
    return { sent: { packed: { value: parcel, errors: [] }, travellers }, transfer: [] };
  }
  fix(without(swapped, moved), 'args', clone);
  fix(compounds, '', clone);
  const kept = moved.length === 0 ? parcel : (move(parcel, moved) as Parcel);
  const travellers = kept.standIns.map((standIn, i) => [standIn, leave(i)] as const);
  return {
    sent: { packed: packErrors(kept, kept.standIns), travellers },
    transfer: [
      ...(moved.length === 0 ? [] : transferablesOf(kept.args)),
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
