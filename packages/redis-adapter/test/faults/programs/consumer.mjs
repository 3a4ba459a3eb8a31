// Takes ids, and writes down each with its attempt before it settles it.
import { giveUp, note, queue, stopping, told, transport } from './common.mjs';

const consumer = queue.consumer();
queue.on('lease-lost', ({ inHand }) => note('l', inHand));
queue.on('data-lost', ({ items, error }) =>
  note('!', told.name, 'data-lost', String(items), JSON.stringify(String(error?.stack ?? error))),
);
try {
  await queue.stats();
  console.log('ready');
  let n = 0;
  const options = { signal: stopping.signal };
  for await (const delivery of consumer.deliveries(options)) {
    note('t', delivery.value, delivery.attempt, delivery.fence);
    if (told.pause !== undefined) await new Promise((resolve) => setTimeout(resolve, told.pause));
    else if (++n % (told.burst ?? 3) === 0) await new Promise((resolve) => setImmediate(resolve));
    try {
      delivery.ack();
      note('s', delivery.value, delivery.fence);
    } catch (error) {
      if (error.code !== 'LEASE_LOST') throw error;
      note('x', delivery.value);
    }
  }
} catch (error) {
  if (error?.code !== 'ABORTED') giveUp(error);
}
try {
  await consumer.close();
  await transport.close();
  process.exit(0);
} catch (error) {
  giveUp(error);
}
