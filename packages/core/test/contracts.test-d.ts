import {
  type CheckAt,
  type ConsumerEndpoint,
  type ConsumerSlot,
  hasCode,
  type InputOf,
  IterableQueue,
  memory,
  type OutputOf,
  type ProducerEndpoint,
  type ProducerSlot,
  type StandardSchema,
  type ValueIssue,
} from '@millrace/core';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const transport = memory();
const order = z.object({ dish: z.string(), count: z.number() });
type Order = z.infer<typeof order>;
const count = v.pipe(v.string(), v.transform(Number));

describe('a queue with a schema', () => {
  it('needs no type argument', () => {
    const queue = new IterableQueue({ transport, schema: order });
    expectTypeOf(queue).toEqualTypeOf<IterableQueue<Order>>();
    expectTypeOf(queue.producer()).toEqualTypeOf<ProducerEndpoint<Order>>();
    expectTypeOf(queue.consumer()).toEqualTypeOf<ConsumerEndpoint<Order>>();
    // @ts-expect-error -- not an order
    void queue.producer().put({ dish: 'soup' });
    void new IterableQueue({ transport, schema: v.object({ n: v.number() }) })
      .producer()
      .put({ n: 1 });
  });

  it('takes its input and gives its output', () => {
    const queue = new IterableQueue({ transport, schema: count });
    expectTypeOf(queue.producer().put).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(queue.consumer().get()).resolves.toEqualTypeOf<number>();
  });

  it('takes its input from deliveries too', async () => {
    const queue = new IterableQueue({ transport, schema: count });
    for await (const delivery of queue.consumer().deliveries()) {
      expectTypeOf(delivery.value).toEqualTypeOf<number>();
      expectTypeOf(delivery.put).parameter(0).toEqualTypeOf<string>();
      expectTypeOf(delivery.tryPut).parameter(0).toEqualTypeOf<string>();
    }
    for await (const [delivery] of queue.consumer().deliveryBatches())
      expectTypeOf(delivery!.put).parameter(0).toEqualTypeOf<string>();
  });

  it('has slots for what is on the way', () => {
    const atPut = new IterableQueue({ transport, schema: count });
    expectTypeOf(atPut.producerSlot()).toEqualTypeOf<ProducerSlot<number>>();
    expectTypeOf(atPut.consumerSlot()).toEqualTypeOf<ConsumerSlot<number>>();
    const atTake = new IterableQueue({ transport, schema: count, check: 'take' });
    expectTypeOf(atTake.producerSlot()).toEqualTypeOf<ProducerSlot<string>>();
    expectTypeOf(atTake.consumerSlot()).toEqualTypeOf<ConsumerSlot<string>>();
    expectTypeOf(atTake.consumer().get()).resolves.toEqualTypeOf<number>();
  });

  it('is a queue of its items where input and output are the same', () => {
    new IterableQueue({ transport, schema: order }) satisfies IterableQueue<Order>;
    new IterableQueue({ transport, schema: order, check: 'take' }) satisfies IterableQueue<
      Order,
      Order,
      CheckAt
    >;
  });

  it('must have one that is a schema, and knows where it is checked', () => {
    // @ts-expect-error -- not a schema
    new IterableQueue({ transport, schema: {} });
    // @ts-expect-error -- nowhere
    new IterableQueue({ transport, schema: order, check: 'never' });
    // @ts-expect-error -- orders, and no numbers
    new IterableQueue<number>({ transport, schema: order });
  });
});

describe('an endpoint that checks', () => {
  it('takes what its schema takes, and gives what it gives', () => {
    const numbers = new IterableQueue<number>({ transport });
    const texts = new IterableQueue<string>({ transport });
    expectTypeOf(numbers.producer().checked(count)).toEqualTypeOf<ProducerEndpoint<string>>();
    expectTypeOf(texts.consumer().checked(count)).toEqualTypeOf<ConsumerEndpoint<number, string>>();
    expectTypeOf(texts.producer().checked(count, { transform: false })).toEqualTypeOf<
      ProducerEndpoint<string>
    >();
    // @ts-expect-error -- it would put numbers among texts
    texts.producer().checked(count);
    // @ts-expect-error -- it would be given numbers
    numbers.consumer().checked(count);
  });
});

describe('types of schemas', () => {
  it('follow from those of libraries', () => {
    order satisfies StandardSchema<Order>;
    count satisfies StandardSchema<string, number>;
    expectTypeOf<InputOf<typeof count>>().toEqualTypeOf<string>();
    expectTypeOf<OutputOf<typeof count>>().toEqualTypeOf<number>();
  });

  it('and so do the issues', () => {
    const error: unknown = undefined;
    if (hasCode(error, 'VALUE_INVALID'))
      expectTypeOf(error.details.issues).toEqualTypeOf<readonly ValueIssue[]>();
  });
});
