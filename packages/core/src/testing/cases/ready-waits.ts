import { equal, ok } from '../assert.js';
import { numbers } from '../bench.js';
import { type CaseSpec, crashes, gates } from '../case.js';
import { readyPair } from './ready.js';

/** Q8 Ready gate: puts that wait for room, and are given up. */
export const readyWaits: CaseSpec[] = [
  {
    rule: 'Q8',
    name: 'a put that is aborted while it waits is surely not put, and its room is free, at capacity 1',
    when: gates,
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      await t.put(producer, 0);
      const cancel = t.signal();
      const aborted = t.op('put', () => producer.put('x', { signal: cancel.signal }));
      const many = t.op('putMany', () => producer.putMany([1, 2]));
      await t.waits(aborted, many);
      cancel.abort();
      await t.refused(aborted, 'ABORTED');
      await t.waits(many);
      equal(await t.get(consumer, 3), [0, 1, 2], 'items');
      await t.gives(many, { accepted: 2, dropped: 0, refused: 0 });
      await t.hasStats(queue, { put: 3, size: 0 });
    },
  },
  {
    rule: 'Q8',
    name: 'a putMany that is given up after a part of it was answered says how much was put, at capacity 1',
    when: gates,
    run: async (t) => {
      const { producer, consumer } = await readyPair(t, { capacity: 1 });
      const cancel = t.signal();
      const many = t.op('putMany', () => producer.putMany(numbers(3), { signal: cancel.signal }));
      await t.waits(many);
      cancel.abort();
      const error = await t.refused(many, 'ABORTED');
      equal(error.details['accepted'], 1, 'details.accepted');
      equal(await t.get(consumer, 1), [0], 'what was accepted');
    },
  },
  {
    rule: 'Q8',
    name: 'the room that a dead producer was promised is given to others, at capacity 1',
    when: (target) => gates(target) && crashes(target),
    run: async (t) => {
      const { queue, producer, consumer } = await readyPair(t, { capacity: 1 });
      const dying = await t.producer(queue);
      await t.put(producer, 0);
      const lost = t.op('put by the dying', () => dying.put('x'));
      const put = t.op('put', () => producer.put(1));
      await t.waits(lost, put);
      await t.fixture.crash!(dying);
      await t.settle();
      ok(!lost.pending, 'a put of the dead is pending');
      equal(await t.get(consumer, 2), [0, 1], 'items');
      await t.gives(put, 'accepted');
    },
  },
];
