import { rebuild } from '../channels/values/errors.js';
import { Slot } from '../queues/slots.js';
import { isTraveller } from '../queues/travel.js';

/** Gives up every slot within a worker's arguments, at any depth. */
export function closeSlots(args: unknown): void {
  const done = new Map<object, unknown>();
  const look = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (!isTraveller(value)) return rebuild(value, done, look);
    done.set(value, value);
    if (value instanceof Slot) value.close();
    return value;
  };
  look(args);
}
