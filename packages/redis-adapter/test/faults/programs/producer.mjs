// Puts ids, several at a time. Each is written down before its put, and once it is confirmed.
import { hasCode } from '@millrace/core';
import { giveUp, note, queue, stopping, told, transport } from './common.mjs';

let last = 0;
const producer = queue.producer();
queue.on('lease-lost', ({ inHand }) => note('l', inHand));
queue.on('data-lost', ({ items, error }) =>
  note('!', told.name, 'data-lost', String(items), JSON.stringify(String(error?.stack ?? error))),
);

async function put(id) {
  note('o', id);
  let options = told.timeout === undefined ? {} : { timeout: told.timeout };
  for (;;) {
    try {
      await producer.put(id, options);
      note('c', id);
      return;
    } catch (error) {
      if (hasCode(error, 'PUT_UNCERTAIN')) options = { ...options, id: error.details.id };
      else if (!hasCode(error, 'TIMED_OUT') && !hasCode(error, 'SERVER_OUT_OF_MEMORY')) throw error;
      note('r', id, error.code);
    }
  }
}

async function lane() {
  while (!stopping.signal.aborted && last < (told.items ?? Infinity)) {
    await put(`${told.name}-${++last}`);
    if (told.pause !== undefined) await new Promise((resolve) => setTimeout(resolve, told.pause));
  }
}

try {
  await queue.stats();
  console.log('ready');
  await Promise.all(Array.from({ length: told.lanes ?? 8 }, lane));
  await producer.close();
  await transport.close();
  process.exit(0);
} catch (error) {
  giveUp(error);
}
