import { Redis } from 'ioredis';

import { REDIS_BATCH, REDIS_TAKE } from '../../contenders/sizes.js';
import { inFlight } from '../in-flight.js';
import { decode, encode } from '../json.js';
import type { Way } from '../way.js';

/** The least that can be done: what a consumer has taken is lost with it, and nothing bounds the list. */
export const list: Way = {
  async produce({ host, port, queue, payload }, items, pause) {
    const client = new Redis({ host, port });
    const sends = inFlight(pause === undefined ? 4 : 1);
    let values: (string | Buffer)[] = [];
    for (const item of items) {
      values.push(encode(payload, item));
      if (pause === undefined && values.length < REDIS_BATCH) continue;
      await sends.add(client.lpush(queue, ...values));
      values = [];
      if (pause !== undefined) await pause();
    }
    if (values.length > 0) await sends.add(client.lpush(queue, ...values));
    await sends.all();
    await client.quit();
  },
  async consume({ host, port, queue, payload }, see, stop, ready) {
    const client = new Redis({ host, port });
    await client.ping();
    ready();
    while (!stop.aborted) {
      const reply = (await client.callBuffer('BLMPOP', '0.1', '1', queue, 'RIGHT', 'COUNT', String(REDIS_TAKE))) as [Buffer, Buffer[]] | null;
      for (const value of reply?.[1] ?? []) see(decode(payload, value));
    }
    await client.quit();
  },
};
