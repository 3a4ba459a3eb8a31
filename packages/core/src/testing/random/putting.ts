import { codeOf, fail, text } from '../assert.js';
import type { PutManyAnswer } from '../../queues/put-wait.js';
import type { PutAnswer } from '../../transport/backend.js';
import type { Tracked } from '../tracked.js';
import type { Cancel } from './commands.js';
import type { Item } from './item.js';
import type { Held, ProducerSide, World } from './world.js';

function answered(world: World, item: Item, answer: PutAnswer): void {
  if (answer === 'accepted') world.model.accepted(item);
  else if (answer === 'dropped') world.model.droppedAtPut(item);
  else world.model.refused(item);
}

/** What the failure of a put says of its items, the first `accepted` of which were. */
function refused(
  world: World,
  items: readonly Item[],
  op: Tracked<unknown>,
  closed: boolean,
): void {
  const code = codeOf(op.error);
  const { accepted } = (op.error as { details?: { accepted?: unknown } }).details ?? {};
  const known = typeof accepted === 'number' ? accepted : 0;
  const reason = code === 'PUT_UNCERTAIN' ? codeOf((op.error as Error).cause) : code;
  if (
    code === 'PUT_UNCERTAIN' &&
    !['ABORTED', 'TIMED_OUT', 'ENDPOINT_CLOSED', 'ENDPOINT_LOST'].includes(String(reason))
  )
    fail(`${op.what} is uncertain for no reason`);
  const endpointGone = reason === 'ENDPOINT_CLOSED' || reason === 'ENDPOINT_LOST';
  if (endpointGone && !closed) fail(`${op.what} failed with ${String(code)}, and nobody closed it`);
  for (const [i, item] of items.entries()) {
    if (i < known) world.model.accepted(item);
    else if (
      code === 'PUT_UNCERTAIN' ||
      code === 'ENDPOINT_LOST' ||
      (endpointGone && items.length > 1)
    )
      world.model.uncertain(item);
    else world.model.notPut(item);
  }
}

/** Some items have headers. */
function headersOf(world: World, { id }: Item): Record<string, string> | undefined {
  return world.model.options.headers && id % 3 === 0 ? { id: String(id) } : undefined;
}

export function put(world: World, side: ProducerSide, cancel: Cancel): Tracked<PutAnswer> {
  const item = world.model.offer(side.key, side.sequence++);
  item.headers = headersOf(world, item);
  return world.wait(
    `put of item ${item.id}`,
    'put',
    cancel,
    (options) => {
      const headers = headersOf(world, item);
      const plain = cancel === 'never' && headers === undefined;
      return side.far.put(item.id, plain ? undefined : { ...options, headers });
    },
    (op) => {
      if (op.state === 'done') answered(world, item, op.given());
      else refused(world, [item], op, !side.open);
    },
  );
}

export function putMany(
  world: World,
  side: ProducerSide,
  count: number,
  cancel: Cancel,
): Tracked<PutManyAnswer> {
  const items = Array.from({ length: count }, (_, i) =>
    world.model.offer(side.key, side.sequence++, i < count - 1),
  );
  return world.wait(
    `putMany of items ${items[0]!.id} to ${items.at(-1)!.id}`,
    'put',
    cancel,
    (options) =>
      side.far.putMany(
        items.map(({ id }) => id),
        options,
      ),
    (op) => {
      if (op.state === 'failed') {
        refused(world, items, op, !side.open);
        return;
      }
      const { accepted, dropped, refused: no } = op.given();
      if (accepted + dropped + no !== count) fail(`${op.what} answered ${text(op.given())}`);
      // A gate closes once in the time of a put that waits, and what came before is not touched by it.
      if (dropped > 0) world.model.droppedAmong(items, dropped);
      else
        for (const [i, item] of items.entries())
          if (i < accepted) world.model.accepted(item);
          else world.model.refused(item);
    },
  );
}

export function tryPut(world: World, side: ProducerSide): void {
  const item = world.model.offer(side.key, side.sequence++);
  tries(world, item, () => side.far.tryPut(item.id), () => !side.open); // prettier-ignore
}

function tries(
  world: World,
  item: Item,
  act: () => boolean | Promise<boolean>,
  closed: () => boolean,
): void {
  const op = world.wait<boolean>(`tryPut of item ${item.id}`, 'other', 'never', act, (op) => {
    if (op.state === 'failed') refused(world, [item], op, closed());
    else if (op.given()) world.model.accepted(item);
    else world.model.notTaken(item);
  });
  item.unordered = op.pending;
}

export function whenRoom(world: World, side: ProducerSide, cancel: Cancel): void {
  world.wait(
    'whenRoom',
    'put',
    cancel,
    (options) => side.far.whenRoom(cancel === 'never' ? undefined : options),
    (op) => {
      if (op.state === 'failed') refused(world, [], op, !side.open);
    },
  );
}

export function tryPutBack(world: World, held: Held): void {
  const item = world.model.offer(held.key, held.sequence++);
  const { consumer } = held.iteration;
  consumer.loops.add(held.key);
  tries(world, item, () => held.delivery.tryPut(item.id), () => !consumer.open); // prettier-ignore
}

/** A delivery puts into the queue that it came from. */
export function putBack(world: World, held: Held, cancel: Cancel): Tracked<PutAnswer> {
  const item = world.model.offer(held.key, held.sequence++);
  const { consumer } = held.iteration;
  consumer.loops.add(held.key);
  consumer.looping++;
  const stuckPossible = (): boolean =>
    world.openConsumers.every((side) => !side.open || side.looping > 0);
  const was = stuckPossible();
  return world.wait(
    `delivery.put of item ${item.id}`,
    'put',
    cancel,
    (options) => held.delivery.put(item.id, options),
    (op) => {
      if (op.state === 'done') answered(world, item, op.given());
      else {
        if (codeOf(op.error) === 'CONSUMERS_STUCK' && !was && !stuckPossible())
          fail(`${op.what}: somebody could have made room`);
        refused(world, [item], op, !consumer.open);
      }
      consumer.looping--;
    },
  );
}
