import { DIE, memory } from '@millrace/core';
import { ManualClock } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { converse, places, quiet, refusal, settled } from './support.js';

describe.each(places)('sending on $place', ({ open, far }) => {
  it('P2 goes from one to many, many to one, and many to many', async () => {
    const transport = open();
    const conversation = converse(transport);
    const [a, b, c] = [
      await settled(transport, conversation.peer('a')),
      await settled(transport, conversation.peer('b')),
      await settled(transport, conversation.peer('c')),
    ];
    await a.send('x', { to: 'b', data: 1 });
    await a.send('x', { to: 'c', data: 2 });
    await b.send('x', { to: 'c', data: 3 });
    await c.send('x', { to: 'a', data: 4 });
    await b.send('x', { to: 'a', data: 5 });
    const fromA = [await b.receive(), await c.receive({ where: ({ sender }) => sender === 'a' })];
    expect(fromA.map(({ data }) => data)).toEqual([1, 2]);
    expect(await c.receive()).toMatchObject({
      sender: 'b',
      recipient: 'c',
      data: 3,
      attempt: 1,
      redelivered: false,
    });
    const toA = [await a.receive(), await a.receive()];
    expect(toA.map(({ data }) => data).sort()).toEqual([4, 5]);
  });

  it('P3 to one reaches it alone, in the order of sending', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const c = await settled(transport, conversation.peer('c'));
    const other = c.receive();
    for (let n = 0; n < 50; n++) await a.send('n', { to: 'b', data: n });
    for (let n = 0; n < 50; n++) expect((await b.receive()).data).toBe(n);
    await quiet();
    await a.send('last', { to: 'c' });
    expect(await other).toMatchObject({ request: 'last', data: undefined });
  });

  it('P3 to nobody is taken by exactly one other', async () => {
    const transport = open();
    const conversation = converse(transport);
    const sender = await settled(transport, conversation.peer());
    const receivers = [
      await settled(transport, conversation.peer()),
      await settled(transport, conversation.peer()),
    ];
    const own = sender.receive();
    const got = receivers.map((peer) => peer.receive());
    await sender.send('job', { data: 1 });
    const first = await Promise.race(got);
    expect(first).toMatchObject({ sender: sender.name, recipient: undefined, data: 1 });
    await sender.send('job', { data: 2 });
    expect((await Promise.all(got)).map(({ data }) => data).sort()).toEqual([1, 2]);
    // What it has sent itself never comes back, even when nobody else is there to take it.
    await sender.send('job', { data: 3 });
    await quiet();
    expect(await sender.tryReceive()).toBeUndefined();
    await receivers[0]!.send('hello', { to: sender.name });
    expect((await own).request).toBe('hello');
    expect(await receivers[1]!.receive()).toMatchObject({ data: 3 });
  });

  it('P3 to several and to all gives each one copy', async () => {
    const transport = open();
    const conversation = converse(transport);
    const names = ['a', 'b', 'c', 'd'];
    const [a, b, c, d] = await Promise.all(
      names.map((name) => settled(transport, conversation.peer(name))),
    );
    const id = await a!.send('some', { to: ['b', 'c', 'b'] });
    await a!.send('all', { to: 'all', data: { n: 1 } });
    for (const peer of [b!, c!])
      expect(await peer.receive()).toMatchObject({ request: 'some', id, recipient: peer.name });
    for (const peer of [b!, c!, d!])
      expect(await peer.receive()).toMatchObject({
        request: 'all',
        recipient: peer.name,
        data: { n: 1 },
      });
    for (const peer of [a!, b!, c!, d!]) expect(await peer.tryReceive()).toBeUndefined();
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P3 to all when there are no others goes to nobody', async () => {
    const conversation = converse(open(), { capacity: 1 });
    const only = conversation.peer();
    await only.send('hello', { to: 'all' });
    await only.send('hello', { to: 'all' });
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('to a name that never was, or has left, is a coded error', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = await settled(transport, conversation.peer('a'));
    const b = conversation.peer('b');
    expect(await refusal('PEER_UNKNOWN', a.send('x', { to: 'nobody' }))).toMatchObject({
      details: { peer: 'nobody' },
    });
    await a.send('x', { to: 'b' });
    await b.receive();
    await b.close();
    await conversation.join();
    await quiet();
    expect(await refusal('PEER_GONE', a.send('x', { to: 'b' }))).toMatchObject({
      details: { peer: 'b' },
    });
    await refusal('PEER_GONE', a.send(DIE, { to: 'b' }));
    await refusal('PEER_UNKNOWN', a.send(DIE, { to: ['nobody'] }));
    // Nothing of it is outstanding.
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('to several of whom one is not there reaches the others, and says so', async () => {
    const conversation = converse(open());
    const a = conversation.peer('a');
    const b = conversation.peer('b');
    expect(await refusal('PEER_UNKNOWN', a.send('x', { to: ['nobody', 'b'] }))).toMatchObject({
      details: { sent: ['b'] },
    });
    expect(await b.receive()).toMatchObject({ request: 'x' });
  });

  it('waits only for its own mail to that very recipient', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 2 });
    const a = await settled(transport, conversation.peer('a'));
    const other = await settled(transport, conversation.peer('other'));
    const slow = await settled(transport, conversation.peer('slow'));
    const quick = await settled(transport, conversation.peer('quick'));
    for (const n of [1, 2]) await a.send('n', { to: 'slow', data: n });
    const waits = a.send('n', { to: 'slow', data: 3 });
    let sent = false;
    void waits.then(() => (sent = true));
    // Neither the same sender's mail to another, nor another's to the same peer, nor mail to nobody.
    for (let n = 0; n < 5; n++) {
      await a.send('n', { to: 'quick', data: n });
      expect((await quick.receive()).data).toBe(n);
    }
    await other.send('n', { to: 'slow', data: 'from another' });
    await a.send('n', { data: 'to nobody' });
    await a.send('n', { to: 'all', data: 'to all' });
    const came = [(await quick.receive()).data, (await quick.receive()).data];
    expect(came.sort()).toEqual(['to all', 'to nobody']);
    await quiet();
    expect(sent).toBe(false);
    expect(await slow.receive()).toMatchObject({ data: 1 });
    await waits;
    const rest = [];
    for (let n = 0; n < 4; n++) rest.push((await slow.receive()).data);
    expect(rest.filter((data) => typeof data === 'number')).toEqual([2, 3]);
    expect(rest).toContain('to all');
    expect(rest).toContain('from another');
  });

  it('to nobody waits for room too', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 1 });
    const a = await settled(transport, conversation.peer('a'));
    const b = await settled(transport, conversation.peer('b'));
    await a.send('n', { data: 1 });
    let sent = false;
    const waits = a.send('n', { data: 2 }).then(() => (sent = true));
    await quiet();
    expect(sent).toBe(false);
    expect((await b.receive()).data).toBe(1);
    await waits;
    expect((await b.receive()).data).toBe(2);
  });

  it('that is given up while it waits has surely sent nothing', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 1 });
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    await a.send('n', { to: 'b', data: 1 });
    const controller = new AbortController();
    const aborted = a.send('n', { to: 'b', data: 2, signal: controller.signal });
    const late = a.send('n', { to: 'b', data: 3, timeout: 0 });
    controller.abort('enough');
    expect(await refusal('ABORTED', aborted)).toMatchObject({ cause: 'enough' });
    await refusal('TIMED_OUT', late);
    await refusal('ABORTED', a.send('n', { to: 'b', data: 4, signal: AbortSignal.abort() }));
    expect((await b.receive()).data).toBe(1);
    await a.send('n', { to: 'b', data: 5 });
    expect((await b.receive()).data).toBe(5);
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('fixes what it sends at once, and judges it', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 1, clone: true });
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const data = { n: 1 };
    const first = a.send('n', { to: 'b', data });
    data.n = 2;
    const second = a.send('n', { to: 'b', data });
    data.n = 3;
    await first;
    expect((await b.receive()).data).toEqual({ n: 1 });
    await second;
    expect((await b.receive()).data).toEqual({ n: 2 });
    const bad = { list: [1, { call: () => 1 }] };
    const { details } = await refusal('VALUE_NOT_CLONEABLE', a.send('n', { to: 'b', data: bad }));
    expect(details).toMatchObject({ path: 'data.list[1].call' });
    await a.send('n', { to: 'b', data });
    const { details: waiting } = await refusal(
      'VALUE_NOT_CLONEABLE',
      a.send('n', { to: 'b', data: bad }),
    );
    expect(waiting).toMatchObject({ path: 'data.list[1].call' });
    expect((await b.receive()).data).toEqual({ n: 3 });
  });

  it('carries what a queue carries', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const data = {
      when: new Date(0),
      map: new Map([[1n, new Set([undefined])]]),
      error: Object.assign(new RangeError('no'), { code: 7 }),
    };
    await a.send('x', { to: 'b', data });
    const got = (await b.receive()).data;
    expect(got).toEqual(data);
    expect(got === data).toBe(!far);
    for (const falsy of [null, 0, '', false]) {
      await a.send('x', { to: 'b', data: falsy });
      expect((await b.receive()).data).toBe(falsy);
    }
  });

  it('refuses what cannot be', async () => {
    const conversation = converse(open());
    const a = conversation.peer('a');
    conversation.peer('b');
    await refusal('BAD_OPTION', a.send('x', { to: 'a' }));
    await refusal('BAD_OPTION', a.send('x', { to: ['b', 'a'] }));
    await refusal('BAD_OPTION', a.send('x', { to: '' }));
    await refusal('BAD_OPTION', a.send('x', { to: [] }));
    await refusal('BAD_OPTION', a.send('x', { to: ['all'] }));
    await refusal('BAD_OPTION', a.send('x', { to: 7 as unknown as string }));
    await refusal('BAD_OPTION', a.send('x', { to: 'b', timeout: -1 }));
    await refusal('BAD_OPTION', a.send(DIE, {} as { to: string }));
    expect(await refusal('MESSAGE_MALFORMED', a.send(7 as unknown as string))).toMatchObject({
      details: { field: 'request' },
    });
    expect(await conversation.isEmpty()).toBe(true);
  });
});

it('a conversation and its peers refuse names and bounds that cannot be', async () => {
  const transport = memory();
  for (const capacity of [0, -1, 1.5, NaN])
    await refusal('BAD_OPTION', () => converse(transport, { capacity }));
  const conversation = converse(transport);
  conversation.peer('ann');
  expect(await refusal('PEER_NAME_TAKEN', () => conversation.peer('ann'))).toMatchObject({
    details: { peer: 'ann' },
  });
  await refusal('BAD_OPTION', () => conversation.peer(''));
  await refusal('BAD_OPTION', () => conversation.peer('all'));
  await refusal('BAD_OPTION', () => conversation.peer(7 as unknown as string));
  conversation.peer('peer-3');
  expect([conversation.peer().name, conversation.peer().name]).toEqual(['peer-4', 'peer-5']);
  expect(conversation.stats().peers).toEqual(['ann', 'peer-3', 'peer-4', 'peer-5']);
});

it('a send that waits keeps one timer at most, and none once it is over', async () => {
  const clock = new ManualClock();
  const conversation = converse(memory({ runtime: clock }), { capacity: 1 });
  const a = conversation.peer('a');
  const b = conversation.peer('b');
  await a.send('n', { to: 'b' });
  const waits = a.send('n', { to: 'b', timeout: 100 });
  const late = refusal('TIMED_OUT', a.send('n', { to: 'b', timeout: 50 }));
  expect(clock.pending().timers).toBe(2);
  clock.advance(60);
  await late;
  await b.receive();
  await waits;
  expect(clock.pending().timers).toBe(0);
});
