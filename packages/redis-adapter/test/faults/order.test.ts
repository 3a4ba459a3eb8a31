import { IterableQueue, systemRuntime } from '@millrace/core';
import { expect, it, onTestFinished } from 'vitest';

import {
  bytesForm,
  type Connection,
  connect,
  decodeReason,
  Items,
  type Reply,
  RedisTransport,
} from '../../dist/testing.js';
import { sharedServer } from '../support/servers.ts';

/** A connection whose `missed` is held up, as if the server had to be sent the script again, and which may lose what is published. */
class Late {
  readonly connection: Connection;
  /** Resolves when it is asked what was missed. */
  readonly asked: Promise<void>;
  /** Lets that question go. */
  release!: () => void;
  private readonly kept: (() => void)[] = [];
  private keeps = false;
  private ask!: () => void;

  constructor(inner: Connection) {
    const released = new Promise<void>((resolve) => (this.release = resolve));
    this.asked = new Promise((resolve) => (this.ask = resolve));
    const run: Connection['run'] = async (script, keys, args): Promise<Reply> => {
      if (script.name === 'missed') {
        this.ask();
        await released;
      }
      return inner.run(script, keys, args);
    };
    const subscribe: Connection['subscribe'] = (channel, hear) =>
      inner.subscribe(channel, (payload) => {
        if (this.keeps) this.kept.push(() => hear(payload));
        else hear(payload);
      });
    this.connection = new Proxy(inner, {
      get: (target, name) => {
        if (name === 'run') return run;
        if (name === 'subscribe') return subscribe;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function'
          ? (value as (...args: never) => unknown).bind(target)
          : value;
      },
    });
  }

  /** Keeps back what is published from now on. */
  keep(): void {
    this.keeps = true;
  }

  /** It arrives after all. */
  give(): void {
    this.keeps = false;
    for (const hear of this.kept.splice(0)) hear();
  }
}

it('what was missed is no loss of data where a later turn came first', async () => {
  const { url } = await sharedServer();
  const prefix = `order:${String(process.pid)}:`;
  const open = (connection: Connection): RedisTransport => {
    const form = bytesForm(new Items({}));
    const transport = new RedisTransport({
      ...{ form, readReason: decodeReason, codec: 'structured' },
      ...{ connection, runtime: systemRuntime, prefix, lease: 60_000 },
    });
    onTestFinished(() => transport.close());
    return transport;
  };
  const late = new Late(connect({ url }));
  const transport = open(late.connection);
  const here = new IterableQueue<number>({ transport, name: 'order' });
  const told: unknown[] = [];
  here.on('data-lost', (event) => told.push(event));
  const consumer = here.consumer();
  const got = consumer.get();
  await here.stats();
  const there = new IterableQueue<number>({
    transport: open(connect({ url })),
    name: 'order',
  }).producer();
  late.keep();
  await there.put(1);
  // It sees that it has not heard of something, and asks.
  await late.asked;
  late.give();
  expect(await got).toBe(1);
  // By a turn, it says that it has it.
  await here.stats();
  late.release();
  for (const value of [2, 3]) {
    await there.put(value);
    expect(await consumer.get()).toBe(value);
  }
  expect(told).toEqual([]);
  expect(await here.stats()).toMatchObject({ put: 3 });
});
