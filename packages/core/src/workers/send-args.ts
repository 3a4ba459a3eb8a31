import type { Clone } from '../channels/values/clone.js';
import { fix, move } from '../channels/values/fix.js';
import { transferablesOf } from '../channels/values/survey.js';
import { packErrors, type Packed, rebuild } from '../channels/values/errors.js';
import { DEPART, DISMANTLE, type Dismantled, isCompound, isTraveller, type Traveller } from '../queues/travel.js';
import type { Departure, EndpointToken } from '../transport/backend.js';

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
export interface Parcel {
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
