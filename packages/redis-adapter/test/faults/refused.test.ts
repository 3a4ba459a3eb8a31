import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { pickPort, returnPort } from '../support/servers/ports.ts';
import { startServer } from '../support/servers.ts';
import { end, queueName } from './ends.ts';

const SECRET = 'not-to-be-shown-7f3a';

/** What the first use of a queue fails with, and how long that took. */
async function firstFailure(options: Parameters<typeof end>[1], work: (queue: ReturnType<typeof end>) => unknown = (queue) => queue.stats()): Promise<{ error: Error & { code?: string }; took: number }> {
  const queue = end(queueName(), { connectTimeout: 2000, ...options });
  const from = performance.now();
  try {
    await work(queue);
  } catch (error) {
    return { error: error as Error, took: performance.now() - from };
  }
  throw new Error('it should have failed');
}

describe('what cannot work says so where it is first used', { timeout: 30_000 }, () => {
  it('when nothing listens there', async () => {
    const port = await pickPort();
    const { error, took } = await firstFailure({ url: `redis://127.0.0.1:${String(port)}` });
    returnPort(port);
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('Check host and port');
    expect(took).toBeLessThan(3000);
  });

  it('when the password is wrong, which is shown nowhere', async () => {
    const server = await opened(startServer({ password: 'right' }));
    const { error, took } = await firstFailure({ url: `redis://:${SECRET}@127.0.0.1:${String(server.port)}` });
    expect(error.code).toBe('AUTH_FAILED');
    expect(took).toBeLessThan(3000);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
    const queue = end(queueName(), { url: `redis://:${SECRET}@127.0.0.1:${String(server.port)}` });
    expect(inspect(queue, { depth: 10, showHidden: true })).not.toContain(SECRET);
    await expect(Promise.resolve().then(() => queue.producer().put('a'))).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await expect(Promise.resolve().then(() => queue.consumer().get())).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('when the server is a replica that takes no writes', async () => {
    const master = await opened(startServer());
    const replica = await opened(startServer({ config: { replicaof: [`127.0.0.1 ${String(master.port)}`] } }));
    const { error } = await firstFailure({ url: replica.url });
    expect(error.code).toBe('SERVER_READ_ONLY');
  });

  it('when the key is in use for something else', async () => {
    const server = await opened(startServer());
    const name = queueName();
    const one = end(name, { url: server.url });
    await one.stats();
    const [key] = ((await server.call('KEYS', '*')) as unknown[]).map(String).filter((each) => each.endsWith('}'));
    await server.call('DEL', key ?? '');
    await server.call('SET', key ?? '', 'taken');
    const two = end(name, { url: server.url });
    await expect(two.stats()).rejects.toMatchObject({ code: 'KEY_TYPE_MISMATCH' });
  });

  it('when a value is over the limit, and only that put fails', async () => {
    const server = await opened(startServer());
    const queue = end(queueName(), { url: server.url, largestValue: 1000 });
    const producer = queue.producer();
    await expect(Promise.resolve().then(() => producer.put('x'.repeat(2000)))).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(await producer.put('small')).toBe('accepted');
    expect(await queue.consumer().get()).toBe('small');
  });
});
