import { DIE, DO, FINISHED, memory, Pipe } from '@millrace/core';
import { ManualClock } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { links } from './links-transport.js';
import { away, opened, places, quiet, refusal } from './support.js';

interface Orders {
  DO: number;
  note: string;
}
interface Reports {
  FINISHED: number;
  progress: number;
}

describe.each(places)('P2 a pipe on $place', ({ open }) => {
  it('carries messages of two, in both directions', async () => {
    const transport = opened(open());
    const pipe = new Pipe<Orders, Reports>({ transport });
    const worker = away(transport, { end: pipe.child }, async ({ end }) => {
      const notes: string[] = [];
      for await (const message of end) {
        if (message.request === 'note') notes.push(message.data);
        if (message.request !== DO) continue;
        for (let n = 1; n <= message.data; n++) await end.send('progress', n);
        await message.finish(message.data * 10);
      }
      return notes;
    });
    await pipe.parent.send('note', 'first');
    const id = await pipe.parent.send(DO, 3);
    await pipe.parent.send('note', 'second');
    const seen: unknown[] = [];
    for await (const message of pipe.parent) {
      seen.push([message.request, message.data]);
      if (message.request !== FINISHED) continue;
      expect(message).toMatchObject({ sender: 'child', recipient: 'parent', replyTo: id });
      break;
    }
    expect(seen).toEqual([
      ['progress', 1],
      ['progress', 2],
      ['progress', 3],
      [FINISHED, 30],
    ]);
    expect(await pipe.parent.request(0)).toBe(0);
    await pipe.parent.join();
    expect(await pipe.parent.isEmpty()).toBe(true);
    // The child's loop ends by itself.
    await pipe.parent.close();
    expect(await worker.result()).toEqual(['first', 'second']);
  });

  it('ends behind what was sent, when the other end is closed', async () => {
    const transport = opened(open());
    const pipe = new Pipe({ transport });
    const worker = away(transport, pipe.child, async (end) => {
      for (let n = 0; n < 20; n++) await end.send('n', n);
      return end.name;
    });
    expect(await worker.result()).toBe('child');
    await quiet();
    const seen: unknown[] = [];
    for await (const { data } of pipe.parent) seen.push(data);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await refusal('PEER_GONE', pipe.parent.receive());
    await refusal('PEER_GONE', pipe.parent.send('x'));
    await refusal('PEER_GONE', pipe.parent.request(1));
    await refusal('PEER_GONE', pipe.parent.send(DIE));
    expect(
      await pipe.parent.tryReceive().catch((error: unknown) => (error as { code: string }).code),
    ).toBe('PEER_GONE');
  });

  it('settles what waits when the other end is closed', async () => {
    const transport = opened(open());
    const pipe = new Pipe({ transport, capacity: 1 });
    await pipe.parent.send('x');
    const waits = [pipe.parent.receive(), pipe.parent.request(1), pipe.parent.send('y')].map(
      (wait) => refusal('PEER_GONE', wait),
    );
    const loop = pipe.parent.messages().next();
    await quiet();
    await pipe.child.close();
    await Promise.all(waits);
    expect(await loop).toEqual({ done: true, value: undefined });
  });

  it('is bounded in each direction', async () => {
    const transport = opened(open());
    const pipe = new Pipe({ transport, capacity: 2 });
    let sent = 0;
    const sending = (async () => {
      for (let n = 0; n < 10; n++) {
        await pipe.parent.send('n', n);
        sent++;
      }
    })();
    await quiet();
    expect(sent).toBe(2);
    await pipe.child.send('other way', 1);
    await pipe.child.send('other way', 2);
    for (let n = 0; n < 10; n++) expect((await pipe.child.receive()).data).toBe(n);
    await sending;
    expect((await pipe.parent.receive()).data).toBe(1);
  });

  it('stops the worker at its other end', async () => {
    const transport = opened(open());
    const pipe = new Pipe({ transport });
    const worker = away(transport, pipe.child, async (end, { signal }) => {
      const seen: string[] = [];
      for await (const { request } of end) seen.push(request);
      return { seen, stopped: signal.aborted };
    });
    await pipe.parent.send('first');
    await pipe.parent.join();
    await pipe.parent.send(DIE);
    expect(await worker.result()).toEqual({ seen: ['first'], stopped: true });
  });

  it('is closed as a whole', async () => {
    const transport = opened(open());
    const pipe = new Pipe({ transport });
    await pipe.parent.send('x');
    await quiet();
    const waits = [pipe.parent.receive(), pipe.parent.join()].map((wait) =>
      refusal('CONVERSATION_CLOSED', wait),
    );
    await pipe.close();
    await pipe.close();
    await Promise.all(waits);
    const seen: string[] = [];
    for await (const { request } of pipe.child) seen.push(request);
    expect(seen).toEqual(['x']);
    await refusal('CONVERSATION_CLOSED', pipe.child.send('y'));
  });

  it('takes a predicate, a time-out and a signal', async () => {
    const transport = opened(open());
    const pipe = new Pipe<Orders, Reports>({ transport });
    await pipe.parent.send('note', 'a');
    await pipe.parent.send(DO, 1);
    const job = await pipe.child.receive({ where: (message) => message.request === DO });
    expect(job.data).toBe(1);
    expect((await pipe.child.receive()).data).toBe('a');
    await refusal('TIMED_OUT', pipe.child.receive({ timeout: 0 }));
    await refusal('ABORTED', pipe.parent.send('note', 'b', { signal: AbortSignal.abort() }));
    await refusal('BAD_OPTION', pipe.parent.send('note', 'b', { timeout: -1 }));
    for (const capacity of [0, 2.5])
      await refusal('BAD_OPTION', () => new Pipe({ transport, capacity }));
  });
});

it('P6 a request over a pipe fails when the worker at its other end dies', async () => {
  const transport = opened(links());
  const pipe = new Pipe({ transport });
  away(
    transport,
    pipe.child,
    async (end) => {
      await end.receive();
      await new Promise(() => undefined);
    },
    'mortal',
  );
  const reply = refusal('PEER_GONE', pipe.parent.request(1));
  const waiting = refusal('PEER_GONE', pipe.parent.receive());
  await quiet();
  transport.kill('mortal');
  await reply;
  await waiting;
});

it('two ends wait without a timer', async () => {
  const clock = new ManualClock();
  const pipe = new Pipe({ transport: opened(memory({ runtime: clock })) });
  const waits = pipe.child.receive();
  await quiet();
  expect(clock.pending().timers).toBe(0);
  const late = refusal('TIMED_OUT', pipe.parent.receive({ timeout: 20 }));
  clock.advance(20);
  await late;
  await pipe.parent.send('x');
  expect((await waits).request).toBe('x');
});
