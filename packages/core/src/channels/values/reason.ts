import { packErrors, type Packed, unpackErrors } from './errors.js';
import { fix } from './fix.js';

/** Why an item was given up, as it travels to its home: whatever user code threw must not keep it from being told. */
export function packReason(reason: unknown): Packed | undefined {
  return reason === undefined ? undefined : packErrors(carriable(reason, fix));
}

export function unpackReason(packed: Packed | undefined): unknown {
  return packed === undefined ? undefined : unpackErrors(packed);
}

/** The reason, or what tells most of it, in a form that `carry` makes of it; it throws for what it cannot carry. */
export function carriable<Carried>(reason: unknown, carry: (value: unknown) => Carried): Carried {
  try {
    return carry(reason);
  } catch {
    // An error whose fields cannot be copied, or something that is none.
    return carry(reason instanceof Error ? bare(reason) : new Error(`Something that cannot be copied: ${typeof reason}`));
  }
}

/** What tells most of an error. */
function bare({ name, message, stack }: Error): Error {
  const copy = new Error(message);
  copy.name = name;
  if (stack !== undefined) copy.stack = stack;
  return copy;
}
