import { memory, type Peer, type ReceivedMessage } from '@millrace/core';
import { ManualClock } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { converse, places, quiet, refusal, settled } from './support.js';

const is = (request: string) => (message: { readonly request: string }) =>
  message.request === request;

async function requestsOf(peer: Peer, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let n = 0; n < count; n++) found.push((await peer.receive()).request);
  return found;
}

describe.each(places)('receiving on $place', ({ open }) => {
  it('P4 takes only what the predicate accepts, and leaves the rest in order', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    // Addressed, and addressed to nobody.
    for (const to of ['b', undefined]) {
      for (const request of ['1', '2', 'x', '3', 'y', '4']) await a.send(request, { to });
      expect((await b.receive({ where: is('y') })).request).toBe('y');
      expect((await b.receive({ where: is('x') })).request).toBe('x');
      expect(await requestsOf(b, 4)).toEqual(['1', '2', '3', '4']);
    }
    // Nothing was taken and put back for that.
    expect(conversation.stats().returned).toBe(0);
  });

  it('P4 leaves what one declines for whoever wants it, in order', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const [b, c] = [
      await settled(transport, conversation.peer('b')),
      await settled(transport, conversation.peer('c')),
    ];
    const wantsX = b.receive({ where: is('x') });
    const wantsY = c.receive({ where: is('y') });
    for (const request of ['1', 'y', '2', '3', 'x']) await a.send(request);
    expect([(await wantsX).request, (await wantsY).request]).toEqual(['x', 'y']);
    expect(await requestsOf(c, 2)).toEqual(['1', '2']);
    expect(await requestsOf(b, 1)).toEqual(['3']);
    expect(conversation.stats().returned).toBe(0);
  });

  it('P4 two that want the same get one each', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const peers = [
      await settled(transport, conversation.peer()),
      await settled(transport, conversation.peer()),
    ];
    const got = peers.map((peer) => peer.receive({ where: is('x') }));
    for (const request of ['1', 'x', '2', 'x', '3']) await a.send(request);
    const messages = await Promise.all(got);
    expect(messages.map(({ request }) => request)).toEqual(['x', 'x']);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
    expect(await requestsOf(peers[0]!, 3)).toEqual(['1', '2', '3']);
  });

  it('P4 finds what it wants behind any number that it does not', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    for (let n = 0; n < 100; n++) await a.send('other', { data: n });
    await a.send('wanted');
    expect((await b.receive({ where: is('wanted') })).request).toBe('wanted');
    // A second look starts from the beginning, and what arrives meanwhile is looked at too.
    const later = b.receive({ where: is('late') });
    await quiet();
    await a.send('late');
    expect((await later).request).toBe('late');
    for (let n = 0; n < 100; n++) expect((await b.receive()).data).toBe(n);
  });

  it('P4 a slow judge keeps nothing from others', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const slow = conversation.peer('slow');
    const b = await settled(transport, conversation.peer('b'));
    let asked = 0;
    const waits = slow.receive({
      where: () => {
        asked++;
        return false;
      },
    });
    for (let n = 0; n < 40; n++) {
      await a.send('n', { data: n });
      expect((await b.receive()).data).toBe(n);
    }
    await conversation.join();
    expect(asked).toBeLessThanOrEqual(40);
    await slow.close();
    await refusal('ENDPOINT_CLOSED', waits);
  });

  it('P4 a predicate that throws rejects that receive, and nothing is lost', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const bad = {
      where: (): boolean => {
        throw new RangeError('cannot judge');
      },
    };
    for (const to of ['b', undefined]) {
      // There before, and coming while it waits.
      await a.send('first', { to });
      await quiet();
      await expect(b.receive(bad)).rejects.toThrow(RangeError);
      expect((await b.receive()).request).toBe('first');
      const waits = b.receive(bad);
      const after = b.receive();
      await a.send('second', { to });
      await expect(waits).rejects.toThrow('cannot judge');
      expect(await after).toMatchObject({ request: 'second', attempt: 1 });
    }
    expect(await conversation.isEmpty()).toBe(true);
    expect(conversation.stats().returned).toBe(0);
  });

  it('P4 that is given up has lost nothing', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    for (const to of ['b', undefined]) {
      const controller = new AbortController();
      const aborted = b.receive({ signal: controller.signal });
      const picks = b.receive({ signal: controller.signal, where: () => true });
      await quiet();
      // The message is under way, to this very receive, when it is given up.
      const sent = a.send('x', { to });
      controller.abort('enough');
      expect(await refusal('ABORTED', aborted)).toMatchObject({ cause: 'enough' });
      await refusal('ABORTED', picks);
      await sent;
      expect(await b.receive()).toMatchObject({ request: 'x' });
    }
    await refusal('ABORTED', b.receive({ signal: AbortSignal.abort() }));
    await refusal('TIMED_OUT', b.receive({ timeout: 0 }));
    await refusal('BAD_OPTION', b.receive({ timeout: -1 }));
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('looks without waiting, and sees all there is', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    expect(await b.tryReceive()).toBeUndefined();
    for (let n = 0; n < 40; n++) await a.send('n', { data: n });
    await a.send('mine', { to: 'b' });
    await conversation.isEmpty();
    expect(await b.tryReceive({ where: is('nowhere') })).toBeUndefined();
    expect(await b.tryReceive({ where: ({ data }) => data === 33 })).toMatchObject({ data: 33 });
    expect(await b.tryReceive()).toMatchObject({ request: 'mine' });
    expect(await b.tryReceive()).toMatchObject({ data: 0 });
    expect(await b.tryReceive()).toMatchObject({ data: 1 });
    const bad = (): boolean => {
      throw new Error('no');
    };
    await expect(b.tryReceive({ where: bad })).rejects.toThrow('no');
    expect(await b.tryReceive()).toMatchObject({ data: 2 });
    // Its own mail is not for itself.
    await b.send('own');
    while ((await b.tryReceive()) !== undefined);
    expect(conversation.stats()).toMatchObject({ waiting: 1, returned: 0 });
  });

  it('serves receives in the order in which they were called', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const got = [b.receive(), b.receive({ where: is('x') }), b.receive(), b.receive()];
    await quiet();
    await a.send('1', { to: 'b' });
    await a.send('x', { to: 'b' });
    await a.send('2');
    await a.send('3', { to: 'b' });
    const [first, picked, ...rest] = await Promise.all(got);
    expect([first?.request, picked?.request]).toEqual(['1', 'x']);
    expect(rest.map(({ request }) => request).sort()).toEqual(['2', '3']);
  });

  it('may be called by the predicate itself', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const inner: Promise<ReceivedMessage>[] = [];
    const outer = b.receive({
      where: ({ request }) => {
        if (inner.length === 0) inner.push(b.receive());
        return request === 'x';
      },
    });
    await a.send('1', { to: 'b' });
    await a.send('x', { to: 'b' });
    expect((await outer).request).toBe('x');
    expect((await inner[0]!).request).toBe('1');
  });

  it('in a loop takes a predicate, a signal and a time-out for each wait', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    for (const n of [1, 2, 3, 4]) await a.send(n % 2 === 0 ? 'even' : 'odd', { to: 'b', data: n });
    const controller = new AbortController();
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const { data } of b.messages({ where: is('even'), signal: controller.signal })) {
        seen.push(data);
        if (data === 4) controller.abort();
      }
    })();
    await refusal('ABORTED', loop);
    expect(seen).toEqual([2, 4]);
    await refusal('TIMED_OUT', b.messages({ timeout: 0, where: is('even') }).next());
    expect((await b.receive()).data).toBe(1);
    expect((await b.receive()).data).toBe(3);
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('in a loop answers calls of next in turn, and is left at once', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const loop = b.messages();
    const calls = [loop.next(), loop.next(), loop.next()];
    await a.send('1', { to: 'b' });
    await a.send('2', { to: 'b' });
    expect((await calls[0]!).value?.request).toBe('1');
    expect((await calls[1]!).value?.request).toBe('2');
    await loop.return?.();
    expect(await calls[2]).toEqual({ done: true, value: undefined });
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    // It has taken no more.
    await a.send('3', { to: 'b' });
    expect((await b.receive()).request).toBe('3');
    await conversation.join();
  });

  it('in a loop that is left just as its message comes leaves it for others', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = conversation.peer('b');
    for (const to of ['b', undefined]) {
      await a.send('0', { to: 'b' });
      await quiet();
      const loop = b.messages();
      // The message is given to the loop in this very turn, and has not reached it.
      const first = loop.next();
      await loop.return?.();
      expect(await first).toEqual({ done: true, value: undefined });
      await a.send('1', { to });
      expect(await requestsOf(b, 2)).toEqual(['0', '1']);
    }
    await conversation.join();
  });
});

it('P4 no receive polls', async () => {
  const clock = new ManualClock();
  const conversation = converse(memory({ runtime: clock }));
  const a = conversation.peer('a');
  const b = conversation.peer('b');
  const plain = b.receive();
  const picks = b.receive({ where: is('x') });
  await a.send('other', { to: 'b' });
  await plain;
  await a.send('not wanted');
  await quiet();
  clock.runDeferred();
  await quiet();
  // Nothing is left to be done until something comes.
  expect(clock.pending()).toEqual({ timers: 0, deferred: 0 });
  const late = refusal('TIMED_OUT', b.receive({ where: is('y'), timeout: 500 }));
  await quiet();
  clock.advance(500);
  await late;
  await a.send('x', { to: 'b' });
  expect((await picks).request).toBe('x');
  expect(clock.pending().timers).toBe(0);
});
