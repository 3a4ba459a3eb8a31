import { codeOf, equal, fail } from '../assert.js';
import type { FarDelivery } from '../far.js';
import { watchedSignal } from '../signals.js';
import type { Tracked } from '../tracked.js';
import type { Cancel, Command } from './commands.js';
import { type Item, type Lane, newLane } from './item.js';
import { type ConsumerSide, given, type Held, type Iteration, type World } from './world.js';

/** A wait for items failed: was there a reason? */
function refused(
  world: World,
  side: ConsumerSide,
  op: Tracked<unknown>,
  holds: ReadonlySet<Item>,
): void {
  const code = codeOf(op.error);
  // An item may have been on its way there.
  if (!world.model.options.local) world.model.returnedUnseen();
  if ((code === 'ENDPOINT_CLOSED' || code === 'ENDPOINT_LOST') && side.open)
    fail(`${op.what} failed with ${code}, and nobody closed it`);
  if (code === 'QUEUE_ENDED') ended(world, op, holds);
}

/** The queue is said to have ended. */
function ended(world: World, op: Tracked<unknown>, holds: ReadonlySet<Item>): void {
  if (!world.model.mayHaveEnded) fail(`${op.what} says that the queue has ended, and it is open`);
  world.ends.push({ what: op.what, holding: new Set(holds) });
}

/** A lone delivery to a consumer that may have died meanwhile. */
function received(
  world: World,
  side: ConsumerSide,
  lane: Lane,
  id: unknown,
  attempt?: number,
): Item {
  const item = world.model.delivered(id, lane, attempt);
  side.seen.add(item);
  return item;
}

/** Taking acknowledged it. What is heard of from one that has died since may come back, as what was heard before. */
function acked({ model }: World, side: ConsumerSide, item: Item): void {
  model.ack(item);
  if (side.dead) model.consumerDied([], new Set([item]));
}

export function get(world: World, side: ConsumerSide, cancel: Cancel): Tracked<unknown> {
  return world.wait(
    'get',
    'take',
    cancel,
    (options) => side.far.get(cancel === 'never' ? undefined : options),
    (op) => {
      if (op.state === 'failed') refused(world, side, op, NOTHING);
      else acked(world, side, received(world, side, side.lane, op.given()));
    },
    { excused: () => holdsLone(world, side) },
  );
}

export function tryGet(world: World, side: ConsumerSide): Tracked<unknown> {
  return world.wait(
    'tryGet',
    'other',
    'never',
    () => side.far.tryGet(),
    (op) => {
      if (op.state === 'failed') refused(world, side, op, NOTHING);
      else if (op.given() !== undefined)
        acked(
          world,
          side,
          received(world, side, side.lane, (op.given() as { value: unknown }).value),
        );
    },
  );
}

export function takeMany(
  world: World,
  side: ConsumerSide,
  max: number,
  given: number,
  cancel: Cancel,
): Tracked<unknown[]> {
  const within = gatherTime(world, given);
  return world.wait(
    `takeMany(${max})`,
    'take',
    cancel,
    (options) => side.far.takeMany(max, { within, ...options }),
    (op) => {
      if (op.state === 'failed') {
        if (within > 0) world.model.returnedUnseen();
        refused(world, side, op, NOTHING);
        return;
      }
      const got = op.given();
      if (got.length === 0) ended(world, op, NOTHING);
      if (got.length > max) fail(`${op.what} gave ${got.length} items`);
      const lane = newLane();
      for (const id of got) acked(world, side, received(world, side, lane, id));
    },
    { gathers: within > 0 ? max - 1 : 0, by: side, excused: () => holdsLone(world, side) },
  );
}

type Iterating = Omit<Extract<Command, { do: 'iterate' }>, 'do' | 'consumer'>;

export function iterate(
  world: World,
  side: ConsumerSide,
  { kind, max, cancel, within: given }: Iterating,
  owned = false,
): Iteration {
  const within = kind === 'batches' || kind === 'delivery batches' ? gatherTime(world, given) : 0;
  const signal = cancel === 'signal' ? watchedSignal() : undefined;
  if (signal !== undefined) world.signals.push(signal);
  const options = signal === undefined ? undefined : { signal: signal.signal };
  const { far } = side;
  const iterator =
    kind === 'items'
      ? far.items(options)
      : kind === 'take'
        ? far.take(max, options)
        : kind === 'deliveries'
          ? far.deliveries(options)
          : kind === 'batches'
            ? far.batches({ max, within, ...options })
            : far.deliveryBatches({ max, within, ...options });
  const iteration: Iteration = {
    consumer: side,
    kind,
    iterator,
    lane: newLane(),
    signal,
    held: new Set(),
    deliveries: [],
    gathers: within > 0 ? max - 1 : 0,
    left: kind === 'take' ? max : Infinity,
    over: false,
    asking: 0,
    draining: false,
    latest: undefined,
    owned,
  };
  side.iterations.push(iteration);
  return iteration;
}

/** Each of its deliveries is settled by itself. */
export function byItself({ kind }: Iteration): boolean {
  return kind === 'deliveries' || kind === 'delivery batches';
}

/** Asks for what comes next: what a plain loop was given before is done. */
export function next(world: World, iteration: Iteration): Tracked<IteratorResult<unknown>> {
  const { consumer: side, kind, held } = iteration;
  iteration.asking++;
  if (!byItself(iteration)) ackHeld(world, iteration);
  const limited = iteration.left === 0;
  const wasOver = iteration.over;
  return world.wait(
    `next of ${kind}`,
    'take',
    iteration.signal,
    () => iteration.iterator.next(),
    (op) => {
      iteration.asking--;
      if (op.state === 'failed') {
        iteration.over = true;
        if (gathersUnseen(iteration)) world.model.returnedUnseen();
        const code = codeOf(op.error);
        // A loop that is thrown out of gives back its latest delivery.
        if (code === 'ABORTED' && kind === 'deliveries') giveBackLatest(world, iteration);
        refused(world, side, op, held);
        return;
      }
      const { done, value } = op.given();
      if (done === true) {
        if (iteration.draining && !wasOver && !iteration.over) world.emptied.push(op.what);
        else if (!limited && !wasOver && !iteration.over) ended(world, op, held);
        iteration.over = true;
        return;
      }
      if (limited || wasOver) fail(`${op.what} gave something after its end`);
      give(world, iteration, value);
    },
    {
      held: () => held.size,
      gathers: iteration.gathers,
      by: side,
      excused: () => holdsLone(world, side),
    },
  );
}

/** Whether its waits may have items that its loop has not seen: a batch that fills, or the one that ends a loop's wait. */
function gathersUnseen({ kind, gathers }: Iteration): boolean {
  return gathers > 0 || kind === 'items' || kind === 'take';
}

/** Its waits are given up. Far from home an item may be on its way to any of them. */
function givesUp({ model }: World, iteration: Iteration): void {
  if (iteration.asking > 0 && (gathersUnseen(iteration) || !model.options.local))
    model.returnedUnseen();
}

function give(world: World, iteration: Iteration, value: unknown): void {
  const { consumer: side, kind, held, lane } = iteration;
  if (byItself(iteration)) {
    for (const delivery of kind === 'deliveries'
      ? [value as FarDelivery]
      : (value as FarDelivery[])) {
      const item = received(world, side, lane, delivery.value, delivery.attempt);
      equal(delivery.headers, item.headers, `headers of item ${item.id}`);
      if (item.place !== 'in-hand') continue;
      held.add(item);
      iteration.latest = item;
      iteration.deliveries.push({ delivery, item, iteration, key: {}, sequence: 0 });
    }
  } else {
    for (const id of kind === 'batches' ? (value as unknown[]) : [value]) {
      const item = received(world, side, lane, id);
      if (item.place === 'in-hand') held.add(item);
      iteration.left--;
    }
  }
  // It came while the endpoint closed or the loop was left, and has gone back already.
  if ((iteration.over && kind !== 'delivery batches') || !side.open)
    for (const item of [...held]) giveBack(world, iteration, item);
}

function giveBack(world: World, iteration: Iteration, item: Item): void {
  iteration.held.delete(item);
  const at = iteration.deliveries.findIndex((found) => found.item === item);
  if (at >= 0) iteration.deliveries.splice(at, 1);
  world.model.giveBack(item);
}

function giveBackLatest(world: World, iteration: Iteration): void {
  const latest = iteration.deliveries.at(-1);
  if (latest !== undefined && latest.item === iteration.latest)
    giveBack(world, iteration, latest.item);
}

export function ackHeld(world: World, iteration: Iteration): void {
  for (const item of iteration.held) world.model.ack(item);
  iteration.held.clear();
}

export function leave(world: World, iteration: Iteration): void {
  iteration.over = true;
  givesUp(world, iteration);
  if (iteration.kind === 'deliveries') giveBackLatest(world, iteration);
  else if (iteration.kind !== 'delivery batches')
    for (const item of [...iteration.held]) giveBack(world, iteration, item);
  world.track(`return of ${iteration.kind}`, () => iteration.iterator.return!(), given(iteration.consumer)); // prettier-ignore
}

export function drainIteration(world: World, iteration: Iteration): void {
  iteration.draining = true;
  world.track('drain', () => iteration.iterator.drain!(), given(iteration.consumer)); // prettier-ignore
}

export function settle(world: World, held: Held, how: 'ack' | 'nack' | 'reject'): void {
  const { iteration, item, delivery } = held;
  if (how === 'nack') giveBack(world, iteration, item);
  else {
    iteration.held.delete(item);
    iteration.deliveries.splice(iteration.deliveries.indexOf(held), 1);
    if (how === 'ack') world.model.ack(item);
    else world.model.reject(item);
  }
  world.track(`${how} of item ${item.id}`, () => delivery[how](), given(iteration.consumer)); // prettier-ignore
}

export function closeConsumer(world: World, side: ConsumerSide): void {
  const was = side.open;
  side.open = false;
  if (was) world.model.consumers--;
  if (gathers(world, side)) world.model.returnedUnseen();
  for (const iteration of side.iterations) {
    givesUp(world, iteration);
    for (const item of [...iteration.held]) giveBack(world, iteration, item);
  }
  world.track('close of a consumer', () => side.far.close(), given(side)); // prettier-ignore
}

/** Whether a wait of this consumer may have gathered items that nobody has seen. */
function gathers(world: World, side: ConsumerSide): boolean {
  return world.waits.some((wait) => wait.by === side && wait.op.pending && wait.gathers > 0);
}

/** After a death, items come alone to a consumer, and another only when that is settled. */
function holdsLone(world: World, side: ConsumerSide): boolean {
  return (
    world.model.inexact &&
    (gathers(world, side) || side.iterations.some((iteration) => iteration.held.size > 0))
  );
}

/** Only a clock that can be told to go on lets a batch's time pass. */
function gatherTime(world: World, within: number): number {
  if (world.clock === undefined) return 0;
  world.gathering ||= within > 0;
  return within;
}

const NOTHING: ReadonlySet<Item> = new Set();
