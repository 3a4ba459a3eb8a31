// Each key of a queue that is in use is deleted, one at a time: that is found and told, what is left goes on, and no more
// items are missing than was said.

import { type Delivery, hasCode, type IterableQueue } from '@millrace/core';
import type { RedisOptions } from '@millrace/redis-adapter';
import { describe, expect, it, onTestFinished } from 'vitest';

import { opened } from '../support/open.ts';
import { list, type Server, settled, startServer } from '../support/servers.ts';
import { end, queueName } from './ends.ts';

/** Two processes' parts of one queue, and what becomes of its items. */
class Busy {
  readonly confirmed = new Set<string>();
  /** By item: as which attempts it was delivered. */
  readonly taken = new Map<string, number[]>();
  /** What each process was told to be lost. */
  private readonly told: {
    readonly by: IterableQueue<string>;
    readonly items: number | undefined;
  }[] = [];
  private tell!: () => void;
  private readonly telling = new Promise<void>((resolve) => {
    this.tell = resolve;
  });
  /** Codes of what failed, and what failed without. */
  readonly failed: unknown[] = [];
  readonly name = queueName();
  readonly one: IterableQueue<string>;
  readonly two: IterableQueue<string>;
  private readonly producer;
  private readonly leaving = new AbortController();
  private readonly asked: Promise<unknown>[] = [];
  private readonly held: Delivery<string>[] = [];
  private slot: { close(): void } | undefined;

  constructor(options: RedisOptions) {
    const more = { capacity: 8, maxDeliveries: 2 };
    this.one = end(this.name, options, more);
    this.two = end(this.name, options, more);
    this.producer = this.one.producer();
    for (const queue of [this.one, this.two])
      queue.on('data-lost', ({ items, error }) => {
        this.told.push({ by: queue, items });
        if (!hasCode(error, 'DATA_LOST')) this.failed.push(error);
        this.tell();
      });
    onTestFinished(() => this.leaving.abort());
  }

  /** As an error says that it is to be done: what is not known to have arrived is put again by its id. */
  async put(item: string): Promise<void> {
    for (let id: string | undefined; ;) {
      try {
        await this.producer.put(item, id === undefined ? {} : { id });
        break;
      } catch (error) {
        if (!hasCode(error, 'PUT_UNCERTAIN')) throw error;
        id = error.details.id;
      }
    }
    this.confirmed.add(item);
  }

  /** What is asked now, and may fail by a code. */
  ask(asked: Promise<unknown>): void {
    this.asked.push(
      asked.catch((error: unknown) =>
        this.failed.push((error as { code?: unknown }).code ?? error),
      ),
    );
  }

  take({ value, attempt }: Delivery<string>): void {
    this.taken.set(value, [...(this.taken.get(value) ?? []), attempt]);
  }

  /** Of one block an item is settled, two are in hand, one is a dead letter, one came back, and others wait; more wait for room. */
  async fill(): Promise<void> {
    const items = 'abcdefgh'.split('');
    await this.producer.putMany(items);
    for (const item of items) this.confirmed.add(item);
    const first = this.one.consumer().deliveries();
    const second = this.two.consumer().deliveries();
    const next = async (from: typeof first): Promise<Delivery<string>> => {
      const { value } = await from.next();
      if (value === undefined) throw new Error('it has ended');
      this.take(value);
      return value;
    };
    (await next(first)).ack();
    (await next(first)).nack(new Error('not now'));
    (await next(first)).reject(new Error('never'));
    this.held.push(await next(first), await next(second));
    this.slot = this.two.producerSlot();
    await this.one.stats();
    for (const item of 'ijklmnopqrst'.split('')) this.ask(this.put(item));
    this.ask(this.one.join());
    await this.two.stats();
  }

  /** Nothing is there, and all wait; a producer has come and gone. */
  async starve(): Promise<void> {
    await this.put('first');
    const passing = this.one.producer();
    await passing.put('second');
    this.confirmed.add('second');
    await passing.close();
    for (const queue of [this.one, this.two]) this.consume(queue, 1);
    await this.one.join();
    await this.two.stats();
  }

  private settle(delivery: Delivery<string>): void {
    try {
      delivery.ack();
    } catch (error) {
      this.failed.push((error as { code?: unknown }).code ?? error);
    }
  }

  /** Takes all that comes, until the test is over. */
  consume(queue: IterableQueue<string>, times: number): void {
    const { signal } = this.leaving;
    for (let n = 0; n < times; n++)
      void (async () => {
        for await (const delivery of queue.consumer().deliveries({ signal })) {
          this.take(delivery);
          this.settle(delivery);
        }
      })().catch(() => undefined);
  }

  /** Puts something at the end, and waits until everything that is left has been taken. */
  async finish(): Promise<void> {
    for (const delivery of this.held) this.settle(delivery);
    this.slot?.close();
    for (const queue of [this.one, this.two]) this.consume(queue, 2);
    await this.put('last');
    await Promise.all(this.asked);
    // Asked again where the answer was lost with the rest.
    await settled('all is taken', async () => this.two.join().then(() => true), 60_000);
  }

  /** Resolves when a process was told that something is lost. */
  async missed(): Promise<void> {
    while (this.told.length === 0) await this.telling;
  }

  private said(queue: IterableQueue<string>): number {
    return this.told
      .filter(({ by }) => by === queue)
      .reduce((sum, { items }) => sum + (items ?? Infinity), 0);
  }

  /** What must not be: items that are missing beyond what was told, and deliveries that do not say that they are not the first. */
  outcome(): Record<string, unknown> {
    const lost = [...this.confirmed].filter((item) => !this.taken.has(item));
    const said = Math.max(...[this.one, this.two].map((queue) => this.said(queue)));
    const unmarked = [...this.taken].filter(
      ([, attempts]) => attempts.filter((attempt) => attempt === 1).length > 1,
    );
    const other = this.failed.filter((code) => !CODES.has(code));
    return { undeclared: lost.length > said ? lost : [], unmarked, other };
  }
}

/** What may be answered where the server has lost something. */
const CODES: ReadonlySet<unknown> = new Set(['DATA_LOST', 'LEASE_LOST', 'PUT_UNCERTAIN']);

function keyOf({ name }: Busy): string {
  return `millrace:{q:${encodeURIComponent(name)}}`;
}

/** What the names of the queue's keys end with. */
async function keysOf(server: Server, rig: Busy): Promise<string[]> {
  const key = keyOf(rig);
  return list(await server.call('KEYS', `${key}*`)).map((each) => String(each).slice(key.length));
}

/** A key is one of a session's, which has a name of its own. */
function kindOf(suffix: string): string {
  return suffix.replace(/:[\w-]{12}$/, '');
}

/** What nobody needs to be told of: it had been heard, or it is told as soon as items are missed. */
const SILENT = new Set([':outbox', ':bodies']);

describe.each(['fill', 'starve'] as const)(
  'each key of a queue in use (%s)',
  { timeout: 300_000 },
  (how) => {
    it('may be deleted: that is told, and the queue goes on', async () => {
      const server = await opened(startServer());
      const options = { url: server.url };
      const first = new Busy(options);
      await first[how]();
      const kinds = new Set((await keysOf(server, first)).map(kindOf));
      for (const kind of kinds) {
        const rig = new Busy(options);
        await rig[how]();
        const suffix = (await keysOf(server, rig)).find((each) => kindOf(each) === kind) ?? '';
        await server.call('DEL', `${keyOf(rig)}${suffix}`);
        if (!SILENT.has(kind)) await rig.missed();
        await rig.finish();
        expect({ kind, ...rig.outcome() }).toEqual({
          kind,
          undeclared: [],
          unmarked: [],
          other: [],
        });
      }
      expect(kinds.size).toBeGreaterThan(how === 'fill' ? 17 : 11);
    });
  },
);

it(
  'a process that was asked to stop when keys are missing fails by DATA_LOST',
  { timeout: 120_000 },
  async () => {
    const server = await opened(startServer());
    const rig = new Busy({ url: server.url, onDataLoss: 'stop' });
    await rig.starve();
    const waiting = rig.one.consumer().get();
    await rig.two.stats();
    await server.call('DEL', `${keyOf(rig)}:endpoints`);
    await rig.missed();
    await expect(waiting).rejects.toMatchObject({ code: 'DATA_LOST' });
    await expect(rig.put('more')).rejects.toMatchObject({ code: 'DATA_LOST' });
  },
);
