import { Conversation, DO, Pipe } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { places, settled, opened, away } from './support.js';

describe.each(places)('on $place', ({ open }) => {
  it('works', async () => {
    const transport = opened(open());
    const c = new Conversation({ transport });
    const a = c.peer('a');
    const b = await settled(transport, c.peer('b'));
    await a.send('hello', { to: 'b', data: 1 });
    const m = await b.receive();
    expect(m).toMatchObject({ sender: 'a', data: 1, recipient: 'b' });
    await a.send('free', { data: 2 });
    expect(await b.receive()).toMatchObject({ sender: 'a', data: 2, recipient: undefined });
    await c.join();
    expect(await c.isEmpty()).toBe(true);
    expect(await b.isEmpty()).toBe(true);
    const r = a.request(4);
    const d = await b.receive();
    expect(await c.isEmpty()).toBe(false);
    await d.finish(5);
    expect(await r).toBe(5);
    await c.join();
  });
  it('pipes', async () => {
    const transport = opened(open());
    const pipe = new Pipe<{ DO: number }, { FINISHED: number }>({ transport });
    const w = away(transport, pipe.child, async (end, { signal }) => {
      for await (const m of end) if (m.request === DO) await m.finish(m.data + 1);
      return signal.aborted;
    });
    expect(await pipe.parent.request(1)).toBe(2);
    await pipe.parent.send('DIE');
    expect(await w.result()).toBe(true);
    await pipe.parent.close();
  });
});
