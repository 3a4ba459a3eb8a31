import { ReadyQueue } from '../../queues/ready-queue.js';
import { codeOf } from '../assert.js';
import type { Command } from './commands.js';
import type { Scheduling } from './run.js';
import { put, putBack, putMany, tryPut, tryPutBack, whenRoom } from './putting.js';
import {
  ackHeld,
  byItself,
  closeConsumer,
  drainIteration,
  get,
  iterate,
  leave,
  next,
  settle,
  takeMany,
  tryGet,
} from './taking.js';
import {
  type ConsumerSide,
  given,
  type Iteration,
  type ProducerSide,
  type World,
} from './world.js';

function pick<T>(from: readonly T[], n: number): T | undefined {
  return from.length === 0 ? undefined : from[n % from.length];
}

/** Does what a command says, if there is something that it can be done to. */
export async function perform(
  world: World,
  command: Command,
  scheduling: Scheduling,
): Promise<void> {
  const { model, queue } = world;
  if ('producer' in command) {
    const side = pick(world.openProducers, command.producer);
    if (side !== undefined) await byProducer(world, side, command, scheduling);
    return;
  }
  if ('consumer' in command) {
    const side = pick(world.openConsumers, command.consumer);
    if (side !== undefined) await byConsumer(world, side, command, scheduling);
    return;
  }
  switch (command.do) {
    case 'producer':
      return world.addProducer();
    case 'consumer':
      await world.addConsumer();
      return;
    case 'next':
    case 'leave':
    case 'drain': {
      const all = world.openConsumers.flatMap(({ iterations }) => iterations);
      const can = ({ owned, asking, kind }: Iteration): boolean =>
        !owned &&
        (command.do === 'leave' ||
          kind === 'delivery batches' ||
          (command.do === 'next' && asking === 0));
      const iteration = pick(all.filter(can), command.iteration);
      if (iteration === undefined) return;
      if (command.do === 'next') next(world, iteration);
      else if (command.do === 'leave') leave(world, iteration);
      else drainIteration(world, iteration);
      return;
    }
    case 'ack':
    case 'nack':
    case 'reject': {
      const held = pick(world.held, command.delivery);
      if (held !== undefined) settle(world, held, command.do);
      return;
    }
    case 'put back dead letters':
      await putBackDeadLetters(world);
      return;
    case 'try put back': {
      const held = pick(world.held, command.delivery);
      if (held !== undefined) tryPutBack(world, held);
      return;
    }
    case 'put back': {
      const held = pick(world.held, command.delivery);
      if (held !== undefined) putBack(world, held, command.cancel);
      return;
    }
    case 'abort':
      mayGiveBack(world);
      pick(world.signals.filter(({ signal }) => !signal.aborted), command.wait)?.abort(); // prettier-ignore
      return;
    case 'pass time':
      mayGiveBack(world);
      world.clock?.advance(command.ms);
      return;
    case 'clear':
      model.clear(isExact(world));
      world.track('clear', () => queue.clear(), (op) => op.given()); // prettier-ignore
      return;
    case 'ready':
    case 'not ready':
    case 'refuse':
      moveGate(world, command.do);
      return;
    case 'join': {
      const before = model.items.filter(({ place }) => place === 'waiting' || place === 'in-hand');
      world.joins.push({ op: world.track('join', () => queue.join()), before, after: undefined });
      return;
    }
    case 'close queue':
      model.closed = true;
      queue.close();
      return;
    case 'slot':
      openSlot(world, command.role);
      return;
    case 'close slot':
      pick(world.slots, command.slot)?.close();
  }
}

async function byProducer(
  world: World,
  side: ProducerSide,
  command: Extract<Command, { producer: number }>,
  scheduling: Scheduling,
): Promise<void> {
  switch (command.do) {
    case 'put':
      for (let n = 0; n < command.count; n++) put(world, side, command.cancel);
      return;
    case 'putMany':
      putMany(world, side, command.count, command.cancel);
      return;
    case 'tryPut':
      tryPut(world, side);
      return;
    case 'when room':
      whenRoom(world, side, command.cancel);
      return;
    case 'put in turn':
      void putInTurn(world, side, command.count, scheduling);
      return;
    case 'flush':
      world.track('flush', () => side.far.flush());
      return;
    case 'close producer':
      if (side.open) world.model.producers--;
      side.open = false;
      world.track('close of a producer', () => side.far.close(), given(side)); // prettier-ignore
      return;
    case 'crash producer':
      if (!side.open) return;
      side.open = false;
      side.dead = true;
      world.model.producers--;
      world.model.producerDied(side.key);
      await world.fixture.crash!(side.far);
  }
}

async function byConsumer(
  world: World,
  side: ConsumerSide,
  command: Extract<Command, { consumer: number }>,
  scheduling: Scheduling,
): Promise<void> {
  switch (command.do) {
    case 'get':
      for (let n = 0; n < command.count; n++) get(world, side, command.cancel);
      return;
    case 'tryGet':
      tryGet(world, side);
      return;
    case 'takeMany':
      takeMany(world, side, command.max, command.within, command.cancel);
      return;
    case 'iterate':
      iterate(world, side, command);
      return;
    case 'loop':
      void loop(world, side, command.count, scheduling);
      return;
    case 'ack in hand':
      for (const iteration of side.iterations) if (!byItself(iteration)) ackHeld(world, iteration);
      world.track('ack of what is in hand', () => side.far.ack());
      return;
    case 'close consumer':
      closeConsumer(world, side);
      return;
    case 'crash consumer':
      await crashConsumer(world, side);
  }
}

async function crashConsumer(world: World, side: ConsumerSide): Promise<void> {
  if (!side.open || world.model.options.onTake) return;
  side.open = false;
  side.dead = true;
  world.model.consumers--;
  for (const key of side.loops) world.model.producerDied(key);
  world.model.consumerDied(
    side.iterations.flatMap(({ held }) => [...held]),
    side.seen,
  );
  for (const iteration of side.iterations) {
    iteration.over = true;
    iteration.held.clear();
    iteration.deliveries.length = 0;
  }
  await world.fixture.crash!(side.far);
}

/** Whether what clears the queue takes effect at once, and nobody has gathered a batch unseen. */
function isExact({ model, waits }: World): boolean {
  return model.options.local && !waits.some(({ op, gathers }) => op.pending && gathers > 0);
}

/** Waits may be given up now: what a batch has gathered goes to others, who may see it before the failure is seen. */
function mayGiveBack({ model, waits }: World): void {
  if (waits.some(({ op, gathers }) => op.pending && gathers > 0)) model.returnedUnseen();
}

function moveGate(world: World, to: 'ready' | 'not ready' | 'refuse'): void {
  const { model, queue } = world;
  if (!(queue instanceof ReadyQueue)) return;
  if (to === 'ready') {
    model.gate.moved('open');
    world.track('setReady', () => queue.setReady(), (op) => op.given()); // prettier-ignore
  } else if (to === 'refuse') {
    model.gate.moved('closed');
    world.track('refuse', () => queue.refuse(), (op) => op.given()); // prettier-ignore
  } else {
    model.gate.moved('emptied');
    model.clear(isExact(world));
    world.track('setNotReady', () => queue.setNotReady(), (op) => op.given()); // prettier-ignore
  }
}

async function putBackDeadLetters({ model, queue }: World): Promise<void> {
  for (const { id, value } of await queue.deadLetters.read()) {
    const undo = model.revived(value);
    // Another such command was first.
    if (undo === undefined) continue;
    try {
      if ((await queue.deadLetters.putBack([id])) === 0) undo();
    } catch (error) {
      if (codeOf(error) !== 'QUEUE_ENDED' || !model.mayHaveEnded) throw error;
      undo();
      return;
    }
  }
}

function openSlot(world: World, role: 'producer' | 'consumer'): void {
  const { model, queue } = world;
  if (role === 'producer' && model.closed) {
    world
      .track('producerSlot() on a closed queue', () => queue.producerSlot())
      .refusal('QUEUE_CLOSED');
    return;
  }
  const slot = role === 'producer' ? queue.producerSlot() : queue.consumerSlot();
  const count = role === 'producer' ? 'producers' : 'consumers';
  model[count]++;
  let open = true;
  world.slots.push({
    role,
    close: () => {
      if (open) model[count]--;
      open = false;
      slot.close();
    },
  });
}

/** As user code does it: each put waits for the one before. */
async function putInTurn(
  world: World,
  side: ProducerSide,
  count: number,
  { pause }: Scheduling,
): Promise<void> {
  for (let n = 0; n < count && !side.dead; n++) {
    const op = put(world, side, 'never');
    await op.over;
    if (op.state === 'failed') return;
    await pause('after a put');
  }
}

/** As user code does it: a `for await` loop, with something to wait for in its body, and a `break`. */
export async function loop(
  world: World,
  side: ConsumerSide,
  count: number,
  { pause }: Scheduling,
): Promise<void> {
  const iteration: Iteration = iterate(
    world,
    side,
    { kind: 'items', max: 1, within: 0, cancel: 'never' },
    true,
  );
  for (let n = 0; n < count; n++) {
    const op = next(world, iteration);
    await op.over;
    if (op.state === 'failed' || op.value?.done === true) return;
    await pause('in the body of a loop');
    // Its consumer may have died meanwhile.
    if (iteration.over) return;
  }
  leave(world, iteration);
}

/** Takes and acknowledges everything to the end. */
export async function drain(
  world: World,
  side: ConsumerSide,
  { pause }: Scheduling,
): Promise<boolean> {
  const iteration = iterate(
    world,
    side,
    { kind: 'deliveries', max: 1, within: 0, cancel: 'never' },
    true,
  );
  for (;;) {
    const op = next(world, iteration);
    await op.over;
    if (op.state === 'failed') return false;
    if (op.value?.done === true) return true;
    await pause('while draining');
    for (const held of [...iteration.deliveries]) settle(world, held, 'ack');
  }
}
