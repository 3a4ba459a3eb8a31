import { beforeAll, describe, expect, it } from 'vitest';
import { type SharedServer, sharedServer } from '../support/servers.ts';
import { freshKey, keysBeside, lists, open, python, pythonCounts, pythonPops, pythonPushes, next, taker } from './support.ts';

const VALUES = [
  { action: 'cook', paras: { eggs: 3, how: ['soft', 'peeled'], note: null } },
  'Überraschung 食べ物 🥚 \u0000 "quoted"\n',
  null,
  {},
  [],
  0,
  -1.5,
  false,
  '',
  { deep: { deeper: [[{ ключ: 'значение' }]] } },
];

let server: SharedServer;
beforeAll(async () => {
  server = await sharedServer();
});

describe.skipIf(python === undefined)('with programs in Python', () => {
  it.each(['left', 'right'] as const)('takes what one has pushed on the %s, in order', async (push) => {
    const key = freshKey();
    await pythonPushes(server, key, VALUES, push);
    const consumer = open(lists(server, { push }), key).consumer();
    const got: unknown[] = [];
    for await (const value of consumer.take(VALUES.length)) got.push(value);
    expect(got).toEqual(VALUES);
  });

  it.each(['left', 'right'] as const)('puts on the %s what one then pops, in order, and leaves nothing else there', async (push) => {
    const key = freshKey();
    const transport = lists(server, { push });
    const producer = open(transport, key).producer();
    await producer.putMany(VALUES);
    await producer.close();
    await transport.close();
    expect(await keysBeside(server, key)).toEqual([key]);
    expect(await pythonPops(server, key, VALUES.length, push)).toEqual(VALUES);
    expect(await keysBeside(server, key)).toEqual([]);
  });

  it('writes plain JSON', async () => {
    const key = freshKey();
    await open(lists(server), key).producer().put({ soup: 'Lauch', for: [1, null] });
    expect(await server.call('LRANGE', key, 0, -1)).toEqual(['{"soup":"Lauch","for":[1,null]}']);
  });

  it('gives a consumer that waits what is pushed, and the consumer does not ask while nothing is', async () => {
    const key = freshKey();
    const consumer = open(lists(server), key).consumer();
    const waiting = consumer.get();
    await blocked(key);
    await pythonPushes(server, key, ['now']);
    expect(await waiting).toBe('now');
  });

  it('makes room for a producer that waits, by popping', async () => {
    const key = freshKey();
    const producer = open(lists(server), key, { capacity: 3 }).producer();
    await producer.putMany([1, 2, 3]);
    const fourth = producer.put(4);
    expect(await Promise.race([fourth, server.call('LLEN', key)])).toBe(3);
    expect(await pythonPops(server, key, 2)).toEqual([1, 2]);
    expect(await fourth).toBe('accepted');
    expect(await server.call('LRANGE', key, 0, -1)).toEqual(['4', '3']);
  });

  it('ends, and is joined, by what one pops', async () => {
    const key = freshKey();
    const queue = open(lists(server), key);
    const producer = queue.producer();
    await producer.putMany(['a', 'b']);
    const joined = queue.join();
    queue.close();
    await producer.close();
    const ended = queue.ended();
    await pythonPops(server, key, 2);
    await Promise.all([joined, ended]);
    expect(await queue.stats()).toMatchObject({ size: 0, inHand: 0, put: 2, acked: 2 });
  });

  it('loses nothing that two of them push to three of ours, one of which is killed with items in hand', async () => {
    const key = freshKey();
    const each = 300;
    const dies = taker(server, key, 40);
    const pushing = Promise.all(['a', 'b'].map((name) => pythonCounts(server, key, name, each)));
    const ledger = new Map<string, { attempt: number }[]>();
    const note = (value: unknown, attempt: number): void => {
      const entry = JSON.stringify(value);
      ledger.set(entry, [...(ledger.get(entry) ?? []), { attempt }]);
    };
    for (let held = false; !held; ) {
      const item = await next(dies);
      note(item.value, item.attempt);
      ({ held } = item);
    }
    const queues = [1, 2].map(() => open<unknown>(lists(server), key));
    const taking = queues.map(async (queue) => {
      for await (const delivery of queue.consumer().deliveries()) {
        note(delivery.value, delivery.attempt);
        delivery.ack();
      }
    });
    dies.child.kill('SIGKILL');
    await pushing;
    // Nobody knows but us that nothing more will be pushed.
    for (const queue of queues) queue.close();
    await Promise.all(taking);
    expect([...ledger.keys()].sort()).toEqual(['a', 'b'].flatMap((by) => Array.from({ length: each }, (_, n) => JSON.stringify({ by, n }))).sort());
    // Whatever came twice was marked the second time.
    for (const deliveries of ledger.values()) expect(deliveries.filter(({ attempt }) => attempt === 1).length).toBeLessThanOrEqual(1);
    expect(await server.call('LLEN', key)).toBe(0);
  });
});

describe('a consumer of ours that is killed', () => {
  it('loses nothing: another that waits gets it, marked', async () => {
    const key = freshKey();
    const queue = open<string>(lists(server), key);
    await queue.producer().putMany(['first', 'second', 'third']);
    const dies = taker(server, key, 2);
    expect(await next(dies)).toEqual({ value: 'first', attempt: 1, held: false });
    expect(await next(dies)).toEqual({ value: 'second', attempt: 1, held: true });
    const lost = new Promise((resolve) => queue.on('endpoint-lost', resolve));
    const consumer = queue.consumer().deliveries();
    dies.child.kill('SIGKILL');
    await lost;
    const got = new Map<string, number>();
    for (let i = 0; i < 2; i++) {
      const { value } = await consumer.next();
      if (value !== undefined) got.set(value.value, value.attempt);
      value?.ack();
    }
    expect([...got.keys()].sort()).toEqual(['second', 'third']);
    expect(got.get('second')).toBe(2);
  });

  it('gives it back to the list when nobody else takes, where it is the first, and one of ours that gets it later is told', async () => {
    const key = freshKey();
    const queue = open<string>(lists(server), key);
    await queue.producer().putMany(['first', 'second', 'third']);
    const dies = taker(server, key, 1);
    await next(dies);
    const lost = new Promise((resolve) => queue.on('endpoint-lost', resolve));
    dies.child.kill('SIGKILL');
    await lost;
    expect(await server.call('LRANGE', key, 0, -1)).toEqual(['"third"', '"second"', '"first"']);
    const consumer = queue.consumer();
    const deliveries = consumer.deliveries();
    const { value: first } = await deliveries.next();
    expect([first?.value, first?.attempt]).toEqual(['first', 2]);
    first?.ack();
    await consumer.flush();
    expect(await queue.stats()).toMatchObject({ put: 3, acked: 1 });
  });
});

/** Resolves when a client waits for an entry of the list, without asking again and again. */
async function blocked(key: string): Promise<void> {
  for (;;) {
    const clients = String(await server.call('CLIENT', 'LIST'));
    const before = await server.call('LLEN', key);
    if (/ flags=b .* cmd=blmove /.test(clients) && before === 0) return;
  }
}
