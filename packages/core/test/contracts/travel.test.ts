import {
  type CheckAt,
  type ConsumerEndpoint,
  defineWorker,
  hasCode,
  type HostArgs,
  IterableQueue,
  memory,
  type ProducerEndpoint,
  type WorkerContext,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';

import { byHand, counts, type Order, orders } from './schemas.js';

/** Runs a function as a worker of this process. */
function run<Args, Result>(
  work: (args: Args, context: WorkerContext) => Promise<Result>,
  args: HostArgs<Args>,
): Promise<Awaited<Result>> {
  const worker = defineWorker(() => Promise.resolve({ default: work }));
  return memory().start(worker, args).result();
}

async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

const schema = orders['zod']!;
const open = (check?: CheckAt) => new IterableQueue({ transport: memory(), schema, check });
const anything = byHand<Order, Order>((value) => ({ value: value as Order }));
const soup = { dish: 'soup', count: 1 };
const bad = { dish: 'soup', count: 99 };
type Out = ProducerEndpoint<typeof soup>;
type From = ConsumerEndpoint<typeof soup>;

describe('a producer in a worker', () => {
  it.each(['put', 'both'] as const)(
    'refuses to be used before it is told its schema, and then checks (%s)',
    async (check) => {
      const queue = open(check);
      const seen = await run(
        async ({ out, slot }: { out: Out; slot: Out }) => {
          const codes = [
            await codeOf(() => out.put(soup)),
            await codeOf(() => out.put(soup, { timeout: 1 })),
            await codeOf(() => out.tryPut(soup)),
            await codeOf(() => out.putMany([soup])),
            await codeOf(() => out.whenRoom()),
            await codeOf(() => slot.put(soup)),
          ];
          for (const each of [out.checked(schema), slot.checked(schema)]) {
            await each.put(soup);
            codes.push(await codeOf(() => each.put(bad)));
          }
          return codes;
        },
        { out: queue.producer(), slot: queue.producerSlot() },
      );
      expect(seen).toEqual([
        ...Array.from({ length: 6 }, () => 'SCHEMA_MISSING'),
        'VALUE_INVALID',
        'VALUE_INVALID',
      ]);
      expect((await queue.stats()).put).toBe(2);
    },
  );

  it('is free to put where the consumer checks', async () => {
    const queue = open('take');
    await run(async ({ out }: { out: Out }) => out.putMany([bad, soup]), { out: queue.producer() });
    expect(await queue.consumer().get()).toEqual(soup);
  });

  it('can be closed all the same, and the queue ends', async () => {
    const queue = open();
    const out = queue.producer();
    queue.close();
    await run(async () => undefined, { out });
    await queue.ended();
  });

  it('leaves its schema behind again when it is handed on', async () => {
    const queue = open();
    const code = await run(
      async ({ out }: { out: Out }) =>
        run(async (args: { out: Out }) => codeOf(() => args.out.put(soup)), {
          out: out.checked(schema),
        }),
      { out: queue.producer() },
    );
    expect(code).toBe('SCHEMA_MISSING');
  });
});

describe('a consumer in a worker', () => {
  it.each(['take', 'both'] as const)(
    'refuses to be used before it is told its schema, and then checks (%s)',
    async (check) => {
      const queue = open(check);
      const slot = queue.producerSlot();
      await run(async ({ out }: { out: Out }) => out.checked(anything).putMany([bad, soup]), {
        out: slot,
      });
      const seen = await run(
        async ({ from }: { from: From }) => [
          await codeOf(() => from.get()),
          await codeOf(() => from.tryGet()),
          await codeOf(() => from.takeMany(2)),
          await codeOf(() => from[Symbol.asyncIterator]().next()),
          await codeOf(() => from.deliveries().next()),
          await from.checked(schema).get(),
        ],
        { from: queue.consumer() },
      );
      expect(seen).toEqual([...Array.from({ length: 5 }, () => 'SCHEMA_MISSING'), soup]);
      expect((await queue.deadLetters.read()).map(({ value }) => value)).toEqual([bad]);
    },
  );

  it('is free to take what was checked when it was put, but what its deliveries put is checked too', async () => {
    const queue = open();
    await queue.producer().put(soup);
    const seen = await run(
      async ({ from }: { from: From }) => {
        const codes: unknown[] = [];
        for await (const delivery of from.deliveries()) {
          codes.push(await codeOf(() => delivery.put(soup)));
          delivery.ack();
          break;
        }
        return codes;
      },
      { from: queue.consumerSlot() },
    );
    expect(seen).toEqual(['SCHEMA_MISSING']);
    await queue.producer().put(soup);
    const told = await run(
      async ({ from }: { from: From }) => {
        const codes: unknown[] = [];
        for await (const delivery of from.checked(schema).deliveries()) {
          codes.push(await codeOf(() => delivery.put(bad)), await codeOf(() => delivery.put(soup)));
          delivery.ack();
          break;
        }
        return codes;
      },
      { from: queue.consumer() },
    );
    expect(told).toEqual(['VALUE_INVALID', undefined]);
  });

  it('makes other values there', async () => {
    const count = counts['zod']!;
    const queue = new IterableQueue({ transport: memory(), schema: count, check: 'take' });
    await queue.producer().putMany(['1', '2', '0', '3']);
    expect(
      await run(
        async ({ from }: { from: ConsumerEndpoint<string> }) => from.checked(count).takeMany(9),
        { from: queue.consumerSlot() },
      ),
    ).toEqual([1, 2, 3]);
  });
});

it('the error says what to do', async () => {
  const queue = new IterableQueue({ transport: memory(), name: 'orders', schema });
  const error = await run(async ({ out }: { out: Out }) => out.put(soup), {
    out: queue.producer(),
  }).then(
    () => undefined,
    (failure: unknown) => (failure as { cause?: unknown }).cause ?? failure,
  );
  expect(hasCode(error, 'SCHEMA_MISSING') && error.message).toContain('endpoint.checked(schema)');
});
