import { Producer } from '../../../groups/producer.js';
import { asyncDispose } from '../../../queues/travel.js';
import { equal, ok } from '../../assert.js';
import { maker } from '../../worker-modules.js';
import type { WorkerCaseSpec } from '../case.js';

/** W4 A producer publishes to its outbox and to any number of subscribers. */
export const subscribers: WorkerCaseSpec[] = [
  {
    rule: 'W4',
    name: 'every subscriber gets every item in order, and one that is full slows the producer, not the others',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: false, args: { last: 99 } }));
      const [narrow, wide] = [t.queue({ capacity: 1 }), t.queue({ capacity: 1000 })];
      for (const queue of [narrow, wide, narrow]) producer.subscribe(queue);
      await t.does('start', () => producer.start());
      await t.until('the wide one has what the narrow one has room for', async () => (await wide.stats()).put === 1);
      const taker = narrow.consumer();
      for (let n = 0; n < 50; n++) {
        equal(await t.does('get', () => taker.get()), n, 'an item of the narrow one');
        ok((await wide.stats()).put <= n + 2, 'the producer does not wait for the narrow one');
      }
      await t.takes(taker, 50);
      await t.does('finished', () => producer.finished());
      equal(await t.takes(wide.consumer(), 100), Array.from({ length: 100 }, (_, n) => n), 'the items of the wide one');
    },
  },
  {
    rule: 'W4',
    name: 'a lossy subscriber slows nobody, and drop-oldest keeps the newest',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 200, args: { last: 99 } }));
      const newest = t.queue({ capacity: 2, overflow: 'drop-oldest' });
      const oldest = t.queue({ capacity: 2, overflow: 'drop-newest' });
      producer.subscribe(newest);
      producer.subscribe(oldest);
      await t.does('start', () => producer.start());
      await t.does('finished', () => producer.finished());
      equal((await producer.stats()).put, 100, 'items in the outbox');
      equal(await t.takes(newest.consumer(), 2), [98, 99], 'what drop-oldest keeps');
      equal(await t.takes(oldest.consumer(), 2), [0, 1], 'what drop-newest keeps');
      equal((await newest.stats()).dropped, 98, 'the number dropped');
    },
  },
  {
    rule: 'W4',
    name: 'a subscriber that is not ready is passed over and holds nothing; once it is ready it gets what follows',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 5 }));
      const sleeper = t.readyQueue({ capacity: 100 });
      producer.subscribe(sleeper);
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 5);
      equal((await sleeper.stats()).size, 0, 'what it holds while it is not ready');
      await t.does('ready', () => sleeper.setReady());
      for (let n = 0; n < 5; n++) await t.does('get', () => producer.get());
      await t.until('five more are made', async () => (await producer.stats()).put === 10);
      await t.until('it has them', async () => (await sleeper.stats()).size === 5);
      equal(await t.takes(sleeper.consumer(), 5), [5, 6, 7, 8, 9], 'what it got once it was ready');
      await t.does('not ready', async () => sleeper.setNotReady());
      for (let n = 0; n < 5; n++) await t.does('get', () => producer.get());
      await t.until('five more are made', async () => (await producer.stats()).put === 15);
      equal((await sleeper.stats()).size, 0, 'what it holds when it is not ready again');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W4',
    name: 'queues subscribe and unsubscribe while it runs, also while it waits for them',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 4 }));
      await t.does('start', () => producer.start());
      await t.until('the outbox is full', async () => (await producer.stats()).size === 4);
      const full = t.queue({ capacity: 1 });
      producer.subscribe(full);
      // On its way to the worker, what makes room could come before it.
      await t.does('ask, so that it knows of it', () => producer.send('steps'));
      await t.does('get', () => producer.get());
      await t.until('the subscriber has one', async () => (await full.stats()).size === 1);
      await t.does('get', () => producer.get());
      await t.does('ask, so that it has looked', () => producer.send('steps'));
      equal((await producer.stats()).put, 5, 'made while the subscriber is full');
      producer.unsubscribe(full);
      producer.unsubscribe(full);
      await t.until('it goes on', async () => (await producer.stats()).put === 6);
      equal((await full.stats()).put, 1, 'what the subscriber got in all');
      full.close();
      const consumer = full.consumer();
      equal(await t.does('take', () => consumer.takeMany(5)), [4], 'what it has');
      equal(await t.does('take at the end', () => consumer.takeMany(5)), [], 'its end, now that nobody puts to it any more');
      await t.does('stop', () => producer.stop());
    },
  },
  {
    rule: 'W4',
    name: 'a subscriber that is disposed of is dropped, the host hears of it, and production goes on',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, outbox: 2 }));
      const [goes, stays] = [t.queue({ capacity: 1 }), t.queue({ capacity: 100 })];
      group.subscribe(goes);
      group.subscribe(stays);
      await t.does('start', () => group.start());
      await t.until('it waits for the one that is full', async () => (await goes.stats()).size === 1);
      const told = t.event(group, 'unsubscribed');
      await t.does('dispose', () => goes[asyncDispose]());
      equal((await t.given(told)).queue, goes.name, 'the queue that was told');
      for (let n = 0; n < 5; n++)
        await t.gives(
          t.op('get', () => group.get()),
          n,
        );
      equal(await t.takes(stays.consumer(), 5), [0, 1, 2, 3, 4], 'what the other got');
      ok(!log.some((line) => line.startsWith('error') || line.startsWith('failure')), `nothing failed: ${String(log)}`);
      await t.does('stop', () => group.stop());
    },
  },
  {
    rule: 'W4',
    name: 'a stop keeps the subscriptions: the next run serves them too, but for those that were closed meanwhile',
    run: async (t) => {
      const { group, log } = t.watch(new Producer(maker, { transport: t.transport, outbox: 2 }));
      const [full, closed] = [t.queue({ capacity: 1 }), t.queue({ capacity: 5 })];
      group.subscribe(full);
      group.subscribe(closed);
      await t.does('start', () => group.start());
      await t.until('it waits for the one that is full', async () => (await full.stats()).size === 1);
      await t.does('stop', () => group.stop());
      ok(!log.some((line) => line.startsWith('unsubscribed')), `a stop unsubscribes nobody: ${String(log)}`);
      closed.close();
      const consumer = full.consumer();
      await t.does('get', () => consumer.get());
      const told = t.event(group, 'unsubscribed');
      await t.does('start', () => group.start());
      equal((await t.given(told)).queue, closed.name, 'the queue that takes no more');
      await t.gives(
        t.op('get of the subscriber', () => consumer.get()),
        0,
      );
      await t.does('stop', () => group.stop());
    },
  },
  {
    rule: 'W4',
    name: 'a subscriber that is closed ends when its producer has stopped, and not before',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: false, args: { last: 2 } }));
      const queue = t.queue({ capacity: 1 });
      producer.subscribe(queue);
      await t.does('start', () => producer.start());
      queue.close();
      const all = t.op('iterating', async () => {
        const items: number[] = [];
        for await (const item of queue.consumer()) items.push(item);
        return items;
      });
      await t.gives(all, [0, 1, 2]);
      await t.does('finished', () => producer.finished());
    },
  },
  {
    rule: 'W4',
    name: 'a subscriber that takes no more producers is refused by subscribe',
    run: async (t) => {
      const producer = t.add(new Producer(maker, { transport: t.transport, outbox: 1 }));
      await t.does('start', () => producer.start());
      const queue = t.queue();
      queue.close();
      await t.refuses('subscribe', () => { producer.subscribe(queue); }, 'QUEUE_CLOSED');
      await t.refuses('get without an outbox', () => new Producer(maker, { transport: t.transport, outbox: false }).get(), 'CAPABILITY_MISSING');
      await t.does('stop', () => producer.stop());
    },
  },
];
