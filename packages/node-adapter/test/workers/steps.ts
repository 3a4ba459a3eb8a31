import type { ConsumerEndpoint, Delivery, ProducerEndpoint } from '@millrace/core';

export interface StepsArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<number>;
  readonly orders: ConsumerEndpoint<string>;
  readonly answers: ProducerEndpoint<unknown>;
  /** Int32: 1 once it waits within a turn, 2 when it may go on. */
  readonly gate: SharedArrayBuffer;
}

/** Does what it is told, one order at a time, and answers each once the queue's home knows. */
export default async function steps({
  source,
  out,
  orders,
  answers,
  gate,
}: StepsArgs): Promise<void> {
  const deliveries = source.deliveries();
  let open: Delivery<number>[] = [];
  for await (const order of orders) {
    const [verb = '', count = '0'] = order.split(' ');
    switch (verb) {
      case 'take': {
        const taken: number[] = [];
        for (let i = 0; i < Number(count); i++) {
          const { value } = await deliveries.next();
          if (value === undefined) break;
          open.push(value);
          taken.push(value.value);
        }
        await source.flush();
        await answers.put(taken);
        break;
      }
      case 'ack':
      case 'nack':
        for (const delivery of open) delivery[verb]();
        open = [];
        await source.flush();
        await answers.put(`${verb}ed`);
        break;
      case 'put': {
        // All in one turn, and the answer with them: they are accepted, and not confirmed.
        const puts: Promise<unknown>[] = [];
        for (let n = 0; n < Number(count); n++) puts.push(Promise.resolve(out.put(n)));
        await Promise.all(puts);
        await answers.put('put');
        break;
      }
      case 'hold': {
        // Accepted, and held back for as long as the turn lasts.
        const held = [];
        for (let n = 0; n < Number(count); n++) held.push(out.put(n));
        const cells = new Int32Array(gate);
        Atomics.store(cells, 0, 1);
        Atomics.notify(cells, 0);
        Atomics.wait(cells, 0, 1);
        await answers.put(held);
      }
    }
  }
}
