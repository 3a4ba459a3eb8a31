import { equal } from '../assert.js';
import { type CaseSpec, moves, transfers } from '../case.js';

/** Q16 Values that are moved. */
export const moving: CaseSpec[] = [
  {
    rule: 'Q16',
    name: 'a value with a transfer list is moved, and its delivery says so',
    when: transfers,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 2 });
      const bytes = new Uint8Array([1, 2, 3]);
      await t.given(t.op('put', () => producer.put({ bytes }, { transfer: [bytes.buffer] })));
      await t.put(producer, 'plain');
      await t.settle();
      equal(bytes.byteLength, 0, 'what is left with the caller');
      const deliveries = consumer.deliveries();
      const [moved, plain] = [await t.next(deliveries), await t.next(deliveries)];
      equal(
        [moved.value, moved.moved, plain.moved],
        [{ bytes: new Uint8Array([1, 2, 3]) }, true, false],
        'delivery',
      );
      for (const delivery of [moved, plain]) await t.given(t.op('ack', () => delivery.ack()));
    },
  },
  {
    rule: 'Q16',
    name: 'a moved value is delivered at most once: given back, it is dropped and counted',
    when: transfers,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const bytes = new Uint8Array([1]);
      await t.given(t.op('put', () => producer.put(bytes, { transfer: [bytes.buffer] })));
      const moved = await t.next(consumer.deliveries());
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      await t.given(t.op('nack', () => moved.nack()));
      await t.hasStats(queue, { size: 0, inHand: 0, dropped: 1, acked: 0 });
      await t.given(t.op('ended', () => queue.ended()));
    },
  },
  {
    rule: 'Q16',
    name: 'moving is refused where redelivery is demanded, full or not, and leaves the value whole',
    when: transfers,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, redelivery: 'required' });
      const bytes = new Uint8Array([1, 2]);
      const moving = { transfer: [bytes.buffer] };
      await t.refused(t.op('put', () => producer.put(bytes, moving)), 'TRANSFER_REFUSED'); // prettier-ignore
      await t.refused(t.op('tryPut', () => producer.tryPut(bytes, moving)), 'TRANSFER_REFUSED'); // prettier-ignore
      await t.put(producer, 'full');
      await t.refused(t.op('put when full', () => producer.put(bytes, moving)), 'TRANSFER_REFUSED'); // prettier-ignore
      equal(bytes.byteLength, 2, 'bytes left with the caller');
      await t.hasStats(queue, { put: 1 });
      await t.get(consumer, 1);
    },
  },
  {
    rule: 'Q16',
    name: 'a value whose move was cancelled, or found no room, stays whole with its caller',
    when: transfers,
    run: async (t) => {
      const { producer, consumer } = await t.pair({ capacity: 1 });
      const bytes = new Uint8Array([1, 2]);
      const cancel = t.signal();
      await t.put(producer, 'full');
      const put = t.op('put', () =>
        producer.put(bytes, { transfer: [bytes.buffer], signal: cancel.signal }),
      );
      await t.waits(put);
      await t.gives(
        t.op('tryPut', () => producer.tryPut(bytes, { transfer: [bytes.buffer] })),
        false,
      );
      cancel.abort();
      await t.refused(put, 'ABORTED');
      equal(bytes.byteLength, 2, 'bytes left with the caller');
      await t.get(consumer, 1);
      await t.given(t.op('put at last', () => producer.put(bytes, { transfer: [bytes.buffer] })));
      equal(await t.get(consumer, 1), [new Uint8Array([1, 2])], 'what was moved at last');
    },
  },
  {
    rule: 'Q16',
    name: 'a bad value beside a transfer list is refused, and nothing of it was moved',
    when: transfers,
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1 });
      const bytes = new Uint8Array([1, 2]);
      await t.refused(t.op('put', () => producer.put({ bytes, f: () => 1 }, { transfer: [bytes.buffer] })), 'VALUE_NOT_CLONEABLE'); // prettier-ignore
      equal(bytes.byteLength, 2, 'bytes left with the caller');
      await t.put(producer, 'good');
      equal(await t.get(consumer, 1), ['good'], 'what was good');
      await t.hasStats(queue, { put: 1 });
    },
  },
  {
    rule: 'Q16',
    name: 'a moved value on its way to a consumer that is handed over is whole for whoever takes it',
    when: (target) => transfers(target) && moves(target),
    run: async (t) => {
      const queue = t.queue({ capacity: 2 });
      const producer = t.keep(queue.producer());
      const here = t.keep(queue.consumer());
      const cancel = t.signal();
      const get = t.op('get', () => here.get({ signal: cancel.signal }));
      await t.waits(get);
      const bytes = new Uint8Array([1, 2]);
      const put = t.op('put', () => producer.put(bytes, { transfer: [bytes.buffer] }));
      cancel.abort();
      const there = t.keep(await t.fixture.moveConsumer!(here));
      await t.given(put);
      const item = get.state === 'done' ? get.value : (await t.get(there, 1))[0];
      equal(item, new Uint8Array([1, 2]), 'what was moved');
      await t.hasStats(queue, { size: 0, inHand: 0, dropped: 0 });
    },
  },
];
