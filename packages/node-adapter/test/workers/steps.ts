import type { ConsumerEndpoint, Delivery, ProducerEndpoint } from '@millrace/core';

export interface StepsArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<number>;
  readonly orders: ConsumerEndpoint<string>;
  readonly answers: ProducerEndpoint<unknown>;
}

/** Does what it is told, one order at a time, and answers each once the queue's home knows. */
export default async function steps({ source, out, orders, answers }: StepsArgs): Promise<void> {
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
      }
    }
  }
}
