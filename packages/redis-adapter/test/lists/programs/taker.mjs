// Takes items from a list and says so: url, key, and how many. The last stays in hand, until the process is killed. Its
// lease is short, so that this is soon noticed, but not so short that it is lost where the machine is busy.
import { IterableQueue } from '@millrace/core';
import { redisLists } from '@millrace/redis-adapter';

const [url, name, most] = process.argv.slice(2);
const queue = new IterableQueue({ transport: redisLists({ url, lease: 4000 }), name });
const consumer = queue.consumer();
let count = 0;
for await (const delivery of consumer.deliveries()) {
  const last = ++count === Number(most);
  if (!last) {
    delivery.ack();
    await consumer.flush();
  }
  console.log(JSON.stringify({ value: delivery.value, attempt: delivery.attempt, held: last }));
  if (last) await new Promise(() => {});
}
