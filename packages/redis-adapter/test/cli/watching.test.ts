import { describe, expect, it } from 'vitest';

import { opened } from '../support/open.ts';
import { startServer } from '../support/servers.ts';
import { hasTerminals, place } from './support.ts';

it('prints plain lines where nobody looks on, with rates, and ends by SIGINT', async () => {
  const at = await place();
  const queue = at.open<number>('orders');
  const producer = queue.producer();
  await producer.putMany([1, 2]);
  const watching = at.start('watch', 'orders', '--interval', '100ms');
  await watching.wrote(/ orders state=open depth=2 in-hand=0 dead=0\n/);
  // So many that it is one a second though the command may be slow to look.
  await producer.putMany(Array.from({ length: 500 }, (_, n) => n));
  await watching.wrote(/ put\/s=[1-9]/);
  await watching.wrote(/ depth=502 .* put\/s=0 /);
  watching.process.kill('SIGINT');
  const { code, stdout, stderr } = await watching.ended();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('\x1b');
});

it('writes an object a line as JSON, as often as asked', async () => {
  const at = await place('cluster');
  await at.open<number>('a').producer().put(1);
  await at.open<number>('b').producer().put(1);
  const { code, stdout } = await at.run('watch', '--json', '--interval', '100ms', '--count', '2');
  expect(code).toBe(0);
  const [first, second] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(first).toMatchObject({ queues: [{ name: 'a', depth: 1, perSecond: null }, { name: 'b' }] });
  expect(second).toMatchObject({ at: expect.any(String), queues: [{ perSecond: { put: 0, taken: 0, acked: 0 } }, {}] });
});

it('goes on when the server was away', async () => {
  const server = await opened(startServer());
  const at = await place('single', server);
  await at.open<number>('orders').producer().put(1);
  const watching = at.start('watch', '--interval', '100ms');
  await watching.wrote(/ orders state=open depth=1/);
  // Nothing of it was written to disk, and nobody is left who would make the queue again before it is looked for.
  await at.transport.close();
  await server.restart();
  await watching.wrote(/Z no queues\n/);
  watching.process.kill('SIGTERM');
  expect((await watching.ended()).code).toBe(0);
});

it('a reader who has enough ends it', async () => {
  const at = await place();
  await at.open<number>('orders').producer().put(1);
  const watching = at.start('watch', '--interval', '100ms');
  await watching.wrote(/orders/);
  watching.process.stdout.destroy();
  expect((await watching.ended()).code).toBe(0);
});

it('a queue that is not there is an error', async () => {
  const at = await place();
  const { code, stderr } = await at.run('watch', 'orders');
  expect(code).toBe(3);
  expect(stderr).toContain('There is no queue orders');
});

describe.skipIf(!hasTerminals)('in a terminal', () => {
  it.each(['q', '\x03'])('draws until %j is pressed, and leaves the terminal as it was', async (key) => {
    const at = await place();
    const queue = at.open<number>('orders');
    const producer = queue.producer();
    await producer.put(1);
    const watching = at.inTerminal('watch', '--interval', '100ms');
    // The depth as a number and as bars.
    await watching.wrote(/orders +1 +█/);
    await producer.put(2);
    await watching.wrote(/orders +2 +▄+█/);
    watching.process.stdin.write(key);
    const { code, stdout } = await watching.ended();
    expect(code).toBe(0);
    expect(stdout.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
    expect(stdout.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });
});
