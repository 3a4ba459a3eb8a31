import {
  Consumer,
  defineWorker,
  IterableQueue,
  memory,
  type MillraceError,
  Producer,
  type ProducerContext,
  type Skip,
  type StandardSchema,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { byHand, counts } from './schemas.js';

const even: StandardSchema<number> = byHand((value) =>
  Number(value) % 2 === 0 ? { value: value as number } : { issues: [{ message: 'is odd' }] },
);
const slowlyEven: StandardSchema<number> = byHand(async (value) =>
  even['~standard'].validate(value),
);

const here = <
  Entry extends (Parameters<typeof defineWorker>[0] extends () => Promise<{ default: infer E }>
    ? E
    : never),
>(
  entry: Entry,
) => defineWorker(() => Promise.resolve({ default: entry }));

class Count {
  private n = 0;
  work() {
    return this.n++;
  }
}

class CountEven extends Count {
  readonly itemSchema = even;
}

describe('a producer whose class has a schema', () => {
  it('makes what matches, and fails at its place with the issues otherwise', async () => {
    const count = new Producer(here(CountEven), { transport: memory(), name: 'count', outbox: 4 });
    count.on('error', () => undefined);
    await count.start();
    expect(await count.get()).toBe(0);
    const error = await count.get().then(
      () => undefined,
      (failure: unknown) => failure as MillraceError,
    );
    expect(error?.code).toBe('WORK_FAILED');
    expect(error?.cause).toMatchObject({
      code: 'VALUE_INVALID',
      details: { worker: 'count', issues: [{ path: '', message: 'is odd' }] },
    });
    expect(await count.get()).toBe(2);
    await count.stop();
  });

  it('gives what its schema makes, to subscribers that check too', async () => {
    class Texts {
      readonly itemSchema = counts['zod']!;
      private n = 1;
      work() {
        return String(this.n++);
      }
    }
    const transport = memory();
    const numbers = new IterableQueue({
      transport,
      schema: byHand<number, number>((value) => ({ value: value as number })),
    });
    const texts = new Producer(here(Texts), { transport, outbox: 2 });
    texts.subscribe(numbers);
    await texts.start();
    expect([await texts.get(), await texts.get()]).toEqual([1, 2]);
    expect(await numbers.consumer().takeMany(2)).toEqual([1, 2]);
    await texts.stop();
  });

  it('and one whose class has none is unsubscribed where items are checked', async () => {
    const transport = memory();
    const queue = new IterableQueue({ transport, name: 'evens', schema: even });
    const count = new Producer(here(Count), { transport, outbox: false });
    const gone = new Promise<MillraceError>((resolve) =>
      count.on('unsubscribed', ({ error }) => resolve(error)),
    );
    count.subscribe(queue);
    await count.start();
    expect((await gone).code).toBe('SCHEMA_MISSING');
    await count.stop();
  });
});

describe('a consumer whose module has a schema', () => {
  it.each<[string, ReturnType<typeof consumers>[number]]>(
    consumers().map((entry) => [typeof entry, entry]),
  )('works on what matches; the rest are dead letters (a %s)', async (_, entry) => {
    const transport = memory();
    const queue = new IterableQueue({ transport, schema: even, check: 'take' });
    const sums = new Consumer(here(entry), { transport, input: queue, batchSize: 3 });
    await sums.start();
    await queue.producer().putMany([0, 1, 2, 3, 4, 5, 6, 7]);
    const results: number[] = [];
    sums.results.on((sum) => results.push(sum));
    await sums.stopAtQueueEnd();
    expect(results.reduce((sum, each) => sum + each, 0)).toBe(12);
    expect(
      (await queue.deadLetters.read()).map(({ value, error }) => [
        value,
        (error as MillraceError).code,
      ]),
    ).toEqual([1, 3, 5, 7].map((n) => [n, 'VALUE_INVALID']));
  });

  it('and one whose module has none fails where items are to be checked by whoever takes them', async () => {
    const transport = memory();
    const queue = new IterableQueue({ transport, schema: even, check: 'both' });
    const sums = new Consumer(
      here((items: readonly number[]) => items.length),
      { transport, input: queue, restart: {} },
    );
    const failed = new Promise<readonly [string, number | undefined]>((resolve) =>
      sums.on('failure', ({ error, restartIn }) => resolve([error.code, restartIn])),
    );
    await sums.start();
    expect(await failed).toEqual(['SCHEMA_MISSING', undefined]);
    await sums.stop();
  });
});

function consumers() {
  const add = (items: readonly number[]): number => items.reduce((sum, item) => sum + item, 0);
  return [
    Object.assign((items: readonly number[]) => add(items), { itemSchema: even }),
    { itemSchema: slowlyEven, work: add },
  ];
}

describe('messages that do not match', () => {
  class Told {
    readonly heard: number[] = [];
    work(context: ProducerContext): number[] | Skip {
      return this.heard.length === 0 ? context.skip : this.heard.splice(0);
    }
    onMessage(n: number) {
      this.heard.push(n);
    }
  }
  class Choosy extends Told {
    readonly messageSchema = even;
  }

  it.each([even, slowlyEven])('are VALUE_INVALID where they are sent', async (messageSchema) => {
    const told = new Producer(here(Told), {
      transport: memory(),
      name: 'told',
      outbox: 1,
      interval: 1,
      messageSchema,
    });
    const early = told.send(2);
    await expect(told.send(3)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { worker: 'told', issues: [{ message: 'is odd' }] },
    });
    await told.start();
    await early;
    const sent = [told.send(4), told.send(6)];
    await expect(told.send(5)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await Promise.all(sent);
    const heard: number[] = [];
    while (heard.length < 3) heard.push(...(await told.get()));
    expect(heard).toEqual([2, 4, 6]);
    await told.stop();
  });

  it('are VALUE_INVALID where they arrive', async () => {
    const choosy = new Producer(here(Choosy), { transport: memory(), outbox: 1, interval: 1 });
    await choosy.start();
    await expect(choosy.send(3)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await choosy.send(4);
    expect(await choosy.get()).toEqual([4]);
    await choosy.stop();
  });
});
