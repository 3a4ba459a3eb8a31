import type { Scheduler } from 'fast-check';
import { IterableQueue } from '../../queues/iterable-queue.js';
import { ReadyQueue } from '../../queues/ready-queue.js';
import { ConformanceError, fail } from '../assert.js';
import { nextTurn } from '../bench.js';
import { headed, local } from '../case.js';
import type { TransportUnderTest } from '../target.js';
import type { Plan } from './commands.js';
import { Model } from './model.js';
import { drain, perform } from './perform.js';
import { closeConsumer } from './taking.js';
import { World } from './world.js';

/** Far more than any group of commands needs until all is at rest. */
const MOST_STEPS = 100_000;

/** How a run lets things happen: in an order that fast-check chooses. */
export interface Scheduling {
  /** An await of user code, which goes on when it is let. */
  readonly pause: (what: string) => Promise<void>;
  /** Lets everything happen that can, in the chosen order. */
  readonly rest: () => Promise<void>;
}

/** Does what the plan says, and has the model judge it. */
export async function runPlan(
  target: TransportUnderTest,
  plan: Plan,
  scheduler: Scheduler,
): Promise<void> {
  const lanes = new Map<object, (() => void)[]>();
  const fixture = await target.create({
    schedule: (lane, deliver) => {
      // In any order among the lanes, but each lane's in its own.
      const waiting = lanes.get(lane) ?? [];
      lanes.set(lane, waiting);
      waiting.push(deliver);
      void scheduler.schedule(Promise.resolve(), 'a message').then(() => {
        for (const arrives of waiting.splice(0, plan.bursts ? Infinity : 1)) arrives();
      });
    },
  });
  const { capacity, overflow, acknowledge, confirm, maxDeliveries } = plan;
  const gated = plan.gate !== 'none';
  const options = {
    ...target.queue,
    capacity,
    overflow,
    acknowledge,
    confirm,
    maxDeliveries,
    transport: fixture.transport,
  };
  const queue = gated ? new ReadyQueue<unknown>(options) : new IterableQueue<unknown>(options);
  const model = new Model({
    capacity,
    overflow,
    maxDeliveries,
    gated,
    onTake: acknowledge === 'on-take',
    local: local(target),
    clearsLater: target.clearsLater === true,
    headers: headed(target),
  });
  const world = new World(queue, fixture, model);
  const scheduling: Scheduling = {
    pause: (what) => scheduler.schedule(Promise.resolve(), what),
    rest: async () => {
      let steps = 0;
      do {
        while (scheduler.count() > 0) {
          // Told here, the sequence is known, and made shorter; else all that is seen is a test that takes too long.
          if (++steps > MOST_STEPS) fail(`after ${MOST_STEPS} steps there is still no rest`);
          await scheduler.waitNext(1);
          await nextTurn();
          if (plan.turns && (fixture.clock?.runDeferred() ?? 0) > 0) await nextTurn();
        }
        await fixture.settle();
      } while (scheduler.count() > 0);
    },
  };
  try {
    if (plan.gate === 'open' && queue instanceof ReadyQueue) {
      model.gate.moved('open');
      await queue.setReady();
    }
    for (let n = 0; n < plan.producers; n++) await world.addProducer();
    for (let n = 0; n < plan.consumers; n++) await world.addConsumer();
    for (const group of plan.groups) {
      model.beginGroup();
      for (const command of group)
        void scheduling
          .pause(JSON.stringify(command))
          .then(() =>
            perform(world, command, scheduling).catch((error: unknown) => world.broken.push(error)),
          );
      await scheduling.rest();
      await check(world);
    }
    await end(world, scheduling);
  } finally {
    await fixture.dispose();
    await scheduling.rest();
  }
  const left = world.ops.filter((op) => op.pending).map((op) => op.what);
  const listeners = world.signals.reduce((sum, signal) => sum + signal.listeners(), 0);
  if (listeners > 0) left.push(`${listeners} listeners`);
  const timers = fixture.clock?.pending().timers ?? 0;
  if (timers > 0) left.push(`${timers} timers`);
  left.push(...(await fixture.leftovers()));
  if (left.length > 0) throw new ConformanceError(`left behind: ${left.join('; ')}`);
}

/** At rest: whatever waits must have a reason, and all counts must agree. */
async function check(world: World): Promise<void> {
  const { model, queue, clock } = world;
  if (world.broken.length > 0) throw world.broken[0] as Error;
  world.waits = world.waits.filter(({ op }) => op.pending);
  for (const { op, signal, deadline } of world.waits) {
    if (signal?.signal.aborted === true) fail(`${op.what} was aborted, and waits`);
    if (deadline !== undefined && clock !== undefined && clock.now() >= deadline)
      fail(`${op.what} has a time-out that has passed, and waits`);
  }
  for (const { what, holding } of world.ends) {
    const open = model.keptOpen(holding);
    if (open !== undefined)
      fail(
        `${what} says that the queue has ended, and item ${open.id} was ${open.place} all the while`,
      );
  }
  world.ends = [];
  const missed = model.options.local && !world.gathering ? model.undisturbed : undefined;
  if (world.emptied.length > 0 && missed !== undefined)
    fail(
      `${world.emptied.join(', ')} says that nothing waits, and item ${missed.id} waited all the while`,
    );
  world.emptied = [];
  const waiting = new Set(world.waits.map(({ op }) => op));
  for (const { op, kind } of world.waits)
    if (kind === 'other') fail(`${op.what} waits, and never should`);
  for (const op of world.ops)
    if (op.pending && !waiting.has(op) && op.what !== 'join')
      fail(`${op.what} waits, and never should`);
  model.check(await queue.stats(), {
    puts: world.waits.filter(({ kind }) => kind === 'put').length,
    takes: world.waits
      .filter(({ kind }) => kind === 'take')
      .map(({ op, held, gathers, excused }) => ({
        what: op.what,
        held: held(),
        gathers,
        excused: excused(),
      })),
  });
  for (const join of world.joins) {
    join.after ??= model.items.filter(({ place, among }) => place !== 'offered' || among);
    if (join.op.state === 'failed') join.op.given();
    if (join.op.pending && model.settled(join.after) === true)
      fail('join waits, and all items before it are settled');
    if (!join.op.pending && model.settled(join.before) === false)
      fail('join has resolved before all items were settled');
  }
}

/** Everything is closed and drained: no item may be missing. */
async function end(world: World, scheduling: Scheduling): Promise<void> {
  const { model, queue } = world;
  const drainer = await world.addConsumer();
  let drained: boolean | undefined;
  void drain(world, drainer, scheduling).then((to) => {
    drained = to;
  });
  const step = async (act: () => void): Promise<void> => {
    model.beginGroup();
    act();
    await scheduling.rest();
    await check(world);
  };
  await step(() => undefined);
  await step(() => {
    model.closed = true;
    queue.close();
    for (const slot of world.slots) slot.close();
    for (const side of world.openProducers) {
      if (side.open) model.producers--;
      side.open = false;
      world.track('close of a producer', () => side.far.close());
    }
  });
  await step(() => {
    for (const side of world.openConsumers) if (side !== drainer) closeConsumer(world, side);
  });
  const ended = world.track('ended', () => queue.ended());
  await scheduling.rest();
  if (drained !== true)
    fail('the last iteration has not ended, although all is closed and drained');
  if (ended.pending) fail('the queue has not ended, although all is closed and drained');
  for (const { op } of world.joins) if (op.pending) fail('join waits at the end');
  model.checkEnd(await queue.stats());
  closeConsumer(world, drainer);
  await scheduling.rest();
}
