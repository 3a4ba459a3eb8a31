import { equal, ok } from '../assert.js';
import { type CaseSpec, timed } from '../case.js';

/** Q5 Ends by itself: not while anything is in hand. */
export const heldOpen: CaseSpec[] = [
  ...(['ack', 'nack'] as const).map((settle): CaseSpec => ({
    rule: 'Q5',
    name: `an iteration waits for what another has in hand: ${settle === 'ack' ? 'it ends when that is acked' : 'it gets what is given back'}`,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const other = await t.consumer(queue);
      await t.put(producer, 'x');
      const inHand = await t.next(other.deliveries());
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const taking = t.collect(consumer);
      const ended = t.op('ended', () => queue.ended());
      await t.waits(taking, ended);
      await t.given(t.op(settle, () => inHand[settle]()));
      await t.gives(taking, settle === 'ack' ? [] : ['x']);
      await t.given(ended);
    },
  })),
  {
    rule: 'Q5',
    name: 'an iteration that holds the only unsettled items ends at drained, and can still ack them',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      await t.put(producer, 1, 2);
      const deliveries = consumer.deliveries();
      const held = [await t.next(deliveries), await t.next(deliveries)];
      const next = t.op('next', () => deliveries.next());
      queue.close();
      await t.waits(next);
      await t.given(t.op('close', () => producer.close()));
      equal((await t.given(next)).done, true, 'done');
      const ended = t.op('ended', () => queue.ended());
      await t.waits(ended);
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
      await t.given(ended);
    },
  },
  {
    rule: 'Q5',
    name: 'what such an iteration gives back afterwards is delivered to whoever asks',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      await t.put(producer, 'x');
      const deliveries = consumer.deliveries();
      const held = await t.next(deliveries);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.ends(deliveries);
      const late = t.collect(await t.consumer(queue));
      await t.waits(late);
      await t.given(t.op('nack', () => held.nack()));
      await t.gives(late, ['x']);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'of two iterations that each hold an item, neither ends before the other has settled, and both end',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 2 });
      const other = await t.consumer(queue);
      await t.put(producer, 1, 2);
      const [here, there] = [consumer.deliveries(), other.deliveries()];
      const [mine, theirs] = [await t.next(here), await t.next(there)];
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const nexts = [
        t.op('next here', () => here.next()),
        t.op('next there', () => there.next()),
      ] as const;
      await t.waits(...nexts);
      await t.given(t.op('ack', () => mine.ack()));
      equal((await t.given(nexts[1])).done, true, 'the one that holds the only unsettled item');
      await t.waits(nexts[0]);
      await t.given(t.op('nack', () => theirs.nack()));
      const again = await t.given(nexts[0]);
      ok(
        again.done !== true && again.value.value === 2,
        'what was given back was not delivered to the iteration that waited',
      );
      await t.given(t.op('ack', () => again.value.ack()));
      await t.ends(here);
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q5',
    name: 'acking the last item in hand ends the very iteration that waits meanwhile',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 3 });
      const other = await t.consumer(queue);
      await t.put(producer, 1, 2, 3);
      const deliveries = consumer.deliveries();
      const held = [await t.next(deliveries), await t.next(deliveries)];
      const theirs = await t.next(other.deliveries());
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const next = t.op('next', () => deliveries.next());
      await t.waits(next);
      for (const delivery of held) await t.given(t.op('ack', () => delivery.ack()));
      await t.waits(next);
      await t.given(t.op('ack', () => theirs.ack()));
      equal((await t.given(next)).done, true, 'done');
    },
  },
  {
    rule: 'Q5',
    name: 'drained cuts a partial batch at once, though others have items in hand',
    when: timed,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 4 });
      const other = await t.consumer(queue);
      await t.put(producer, 1);
      const held = await t.next(other.deliveries());
      const next = t.op('next', () => consumer.batches({ max: 64, within: 1_000_000 }).next());
      await t.put(producer, 2);
      await t.waits(next);
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.gives(next, { done: false, value: [2] });
      await t.given(t.op('ack', () => held.ack()));
      await t.given(t.op('ack in hand', () => consumer.ack()));
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
];
