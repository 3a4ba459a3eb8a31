import { type ConversationEvents, DO, memory, type Peer } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { holdable, links } from './links-transport.js';
import { away, converse, opened, places, quiet, refusal, settled } from './support.js';

describe.each(places)('leaving on $place', ({ open }) => {
  it('settles every wait of the peer', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 1 });
    const a = await settled(transport, conversation.peer('a'));
    const b = conversation.peer('b');
    await a.send('x', { to: 'b' });
    const waits = [
      a.receive(),
      a.receive({ where: () => false }),
      a.messages().next(),
      a.send('x', { to: 'b' }),
      a.request(1),
      a.join(),
    ];
    const refused = waits.map((wait) => refusal('ENDPOINT_CLOSED', wait));
    await quiet();
    await Promise.all([a.close(), a.close()]);
    await Promise.all(refused);
    for (const act of [
      a.receive(),
      a.tryReceive(),
      a.send('x', { to: 'b' }),
      a.request(1),
      a.isEmpty(),
      a.join(),
      a.messages().next(),
    ])
      await refusal('ENDPOINT_CLOSED', act);
    // What it had sent is there.
    expect(await b.receive()).toMatchObject({ request: 'x', sender: 'a' });
    expect(await b.receive()).toMatchObject({ request: DO, sender: 'a' });
  });

  it('hands on what was not finished, and tells senders of what was theirs', async () => {
    const transport = open();
    const conversation = converse(transport);
    const left: ConversationEvents['peer-left'][] = [];
    conversation.on('peer-left', (event) => left.push(event));
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const told: unknown[] = [];
    a.on('undelivered', ({ id, request, recipient, code }) =>
      told.push({ id, request, recipient, code }),
    );
    const gone: string[] = [];
    a.on('left', ({ name }) => gone.push(name));
    const job = await a.send(DO, { data: 'job' });
    await a.send('read', { to: 'b' });
    const unread = await a.send('unread', { to: 'b' });
    await b.receive({ where: ({ request }) => request === DO });
    expect((await b.receive()).request).toBe('read');
    await b.close();
    await quiet();
    expect(told).toEqual([{ id: unread, request: 'unread', recipient: 'b', code: 'PEER_GONE' }]);
    expect(gone).toEqual(['b']);
    expect(left).toEqual([{ name: 'b', lost: false, unfinished: 2 }]);
    expect(conversation.stats()).toMatchObject({
      peers: ['a'],
      outstanding: 1,
      waiting: 1,
      returned: 1,
      undelivered: 1,
    });
    const c = await settled(transport, conversation.peer('c'));
    expect(await c.receive()).toMatchObject({
      id: job,
      data: 'job',
      attempt: 2,
      redelivered: true,
    });
  });

  it('lets nobody write to it who has heard what became of the mail before', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    await a.send('read', { to: 'b' });
    await b.receive();
    const again = new Promise((resolve) => {
      a.on('undelivered', () => {
        resolve(refusal('PEER_GONE', a.send('more', { to: 'b' })));
      });
    });
    await a.send('unread', { to: 'b' });
    await b.close();
    await again;
  });

  it('gives back in order', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    for (let n = 0; n < 6; n++) await a.send(DO, { data: n });
    for (let n = 0; n < 4; n++) await b.receive();
    const picks = (await settled(transport, conversation.peer('c'))).receive({
      where: ({ data }) => data === 2,
    });
    await quiet();
    await b.close();
    // Also to one whose predicate has looked at what was there before.
    expect(await picks).toMatchObject({ data: 2, attempt: 2 });
    const d = await settled(transport, conversation.peer('d'));
    const rest = [];
    for (let n = 0; n < 5; n++) {
      const { data, attempt } = await d.receive();
      rest.push([data, attempt]);
    }
    expect(rest).toEqual([
      [0, 2],
      [1, 2],
      [3, 2],
      [4, 1],
      [5, 1],
    ]);
  });

  it('frees the name', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    for (let turn = 0; turn < 3; turn++) {
      const b = await settled(transport, conversation.peer('b'));
      await a.send('x', { to: 'b', data: turn });
      expect((await b.receive()).data).toBe(turn);
      await b.close();
      await quiet();
    }
    await refusal('PEER_GONE', a.send('x', { to: 'b' }));
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('of the conversation ends loops with what was sent, and other waits with an error', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 3 });
    const a = await settled(transport, conversation.peer('a'));
    const b = await settled(transport, conversation.peer('b'));
    for (let n = 0; n < 3; n++) await a.send('n', { to: 'b', data: n });
    await quiet();
    const waits = [
      a.receive(),
      a.receive({ where: () => true }),
      a.send('n', { to: 'b' }),
      a.request(1, { to: 'b' }),
      a.join(),
      conversation.join(),
    ];
    const refused = waits.map((wait) => refusal('CONVERSATION_CLOSED', wait));
    const loop = a.messages().next();
    await quiet();
    await Promise.all([conversation.close(), conversation.close()]);
    await Promise.all(refused);
    expect(await loop).toEqual({ done: true, value: undefined });
    const seen: unknown[] = [];
    for await (const { data } of b) seen.push(data);
    expect(seen).toEqual([0, 1, 2]);
    await refusal('CONVERSATION_CLOSED', b.receive());
    expect(b.signal.aborted).toBe(false);
    for (const act of [
      () => conversation.peer(),
      conversation.isEmpty(),
      conversation.join(),
      b.isEmpty(),
      b.send('x'),
    ])
      await refusal('CONVERSATION_CLOSED', act);
    await b.close();
  });

  it('of the transport settles everything', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const waits = [a.receive(), a.request(1), a.messages().next(), conversation.join()];
    const refused = waits.map((wait) => refusal('TRANSPORT_CLOSED', wait));
    await quiet();
    await transport.close();
    await Promise.all(refused);
    await refusal('CONVERSATION_CLOSED', conversation.join());
  });

  it('needs no more than the end of a block', async () => {
    const transport = open();
    const left: string[] = [];
    {
      await using conversation = converse(transport);
      conversation.on('peer-left', ({ name }) => left.push(name));
      {
        await using peer = conversation.peer('b');
        await peer.send('x');
      }
      await quiet();
      expect(left).toEqual(['b']);
    }
  });
});

describe('a peer that is lost', () => {
  /** A peer in a worker that can be cut off: what it does is told from here. */
  function far(transport: ReturnType<typeof links>, peer: Peer, name: string): Promise<Peer> {
    return new Promise((resolve) => {
      away(
        transport,
        peer,
        (arrived) => {
          resolve(arrived);
          return new Promise<void>(() => undefined);
        },
        name,
      );
    });
  }

  it('leaves its unfinished mail to others, fails requests, and frees its name', async () => {
    const transport = opened(links());
    const conversation = converse(transport);
    const left: ConversationEvents['peer-left'][] = [];
    conversation.on('peer-left', (event) => left.push(event));
    const a = conversation.peer('a');
    const b = await far(transport, conversation.peer('b'), 'worker-b');
    const mine = refusal('PEER_GONE', a.request('mine', { to: 'b' }));
    const shared = a.request('shared');
    await a.send('note');
    const loop = b.messages();
    const begun = [await loop.next(), await loop.next(), await loop.next()];
    expect(begun.map(({ value }) => value?.data ?? value?.request).sort()).toEqual([
      'mine',
      'note',
      'shared',
    ]);
    await a.send('more', { to: 'b' });
    transport.kill('worker-b');
    await refusal('ENDPOINT_LOST', loop.next());
    await refusal('ENDPOINT_LOST', b.receive());
    await refusal('ENDPOINT_LOST', b.send('x'));
    await mine;
    await quiet();
    expect(left).toMatchObject([{ name: 'b', lost: true }]);
    const again = await far(transport, conversation.peer('b'), 'worker-b2');
    const job = await again.receive();
    expect(job).toMatchObject({ data: 'shared', attempt: 2 });
    await job.finish('done');
    expect(await shared).toBe('done');
    expect(await again.receive()).toMatchObject({ request: 'note', attempt: 2 });
    await conversation.join();
  });

  it('makes room at once for the next one from its slot', async () => {
    const transport = opened(links());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const slot = conversation.peerSlot('b');
    const first = await far(transport, slot as unknown as Peer, 'worker-1');
    const reply = a.request('job');
    await first.receive();
    for (let n = 0; n < 20; n++) await first.send('note', { to: 'a' });
    await quiet();
    transport.kill('worker-1');
    // The very moment at which it is noticed.
    await new Promise<void>((resolve) => {
      conversation.on('peer-left', () => {
        resolve();
      });
    });
    const second = await far(transport, slot as unknown as Peer, 'worker-2');
    const job = await second.receive();
    expect(job).toMatchObject({ data: 'job', attempt: 2 });
    await job.finish('done');
    expect(await reply).toBe('done');
  });

  it('keeps nobody waiting for room', async () => {
    const transport = opened(links());
    const conversation = converse(transport, { capacity: 1 });
    const a = conversation.peer('a');
    await far(transport, conversation.peer('b'), 'worker-b');
    await a.send('1', { to: 'b' });
    const waits = refusal('PEER_GONE', a.send('2', { to: 'b' }));
    await quiet();
    transport.kill('worker-b');
    await waits;
    await conversation.join();
  });

  it('gets no mail that was for an earlier holder of its name', async () => {
    const way = holdable();
    const transport = opened(links(way.schedule));
    const conversation = converse(transport);
    const a = await far(transport, conversation.peer('a'), 'worker-a');
    const told: string[] = [];
    a.on('undelivered', ({ request, code }) => told.push(`${request} ${code}`));
    const first = conversation.peer('b');
    await a.send('1', { to: 'b' });
    await first.receive();
    // From here on nothing gets through to a, nor from it: it cannot know that b is another now.
    way.hold('both');
    await first.close();
    await quiet();
    const second = conversation.peer('b');
    await a.send('2', { to: 'b' });
    await quiet();
    way.release();
    await quiet();
    expect(told).toEqual(['2 PEER_GONE']);
    await a.send('3', { to: 'b' });
    expect((await second.receive()).request).toBe('3');
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('before it began leaves its mail to nobody untouched', async () => {
    const transport = opened(links());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    await far(transport, conversation.peer('b'), 'worker-b');
    await a.send('job');
    transport.kill('worker-b');
    await quiet();
    const c = conversation.peer('c');
    expect(await c.receive()).toMatchObject({ request: 'job', attempt: 1 });
  });
});

it('a worker that throws hands its messages on, as one that is lost', async () => {
  const transport = opened(memory());
  const conversation = converse(transport);
  const a = conversation.peer('a');
  const worker = away(transport, conversation.peer('b'), async (peer) => {
    for await (const { request } of peer) throw new Error(`cannot do ${request}`);
  });
  await a.send('job');
  expect(await worker.exit).toMatchObject({ status: 'failed', error: { code: 'WORKER_FAILED' } });
  expect(await conversation.peer('c').receive()).toMatchObject({ request: 'job', attempt: 2 });
});
