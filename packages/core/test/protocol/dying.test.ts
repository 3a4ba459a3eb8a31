import { DIE, DO, memory } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { away, converse, fired, opened, places, quiet, refusal, settled } from './support.js';

describe.each(places)('DIE on $place', ({ open }) => {
  it('P5 overtakes all other mail, and is seen by nobody', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const undelivered: string[] = [];
    a.on('undelivered', ({ request, code }) => undelivered.push(`${request} ${code}`));
    for (let n = 0; n < 5; n++) await a.send('work', { to: 'b' });
    await quiet();
    const id = await a.send(DIE, { to: 'b', data: 'enough' });
    expect(id).toBeTypeOf('string');
    await quiet();
    expect(b.signal.aborted).toBe(true);
    expect(b.signal.reason).toMatchObject({
      code: 'TOLD_TO_DIE',
      details: { peer: 'b', sender: 'a' },
    });
    await refusal('TOLD_TO_DIE', b.receive());
    await refusal('TOLD_TO_DIE', b.tryReceive());
    expect(await b.messages().next()).toEqual({ done: true, value: undefined });
    await conversation.join();
    expect(undelivered).toEqual(new Array(5).fill('work PEER_GONE'));
    await refusal('PEER_GONE', a.request(1, { to: 'b' }));
  });

  it('P5 ends every wait to receive', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const waits = [b.receive(), b.receive({ where: () => true })].map((wait) =>
      refusal('TOLD_TO_DIE', wait),
    );
    const loop = b.messages().next();
    await quiet();
    await a.send(DIE, { to: 'b' });
    await Promise.all(waits);
    expect(await loop).toEqual({ done: true, value: undefined });
    // What waits for somebody is given to it no more.
    const other = await settled(transport, conversation.peer('c'));
    await a.send('job');
    expect(await other.receive()).toMatchObject({ request: 'job', attempt: 1 });
    expect(conversation.stats()).toMatchObject({ returned: 0 });
  });

  it('P5 an answer that nobody awaits any more is not delivered', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const told: string[] = [];
    a.on('undelivered', ({ request, recipient }) => told.push(`${request} ${recipient}`));
    await b.send(DO, { to: 'a' });
    const awaited = b.request(1, { to: 'a' });
    const [first, second] = [await a.receive(), await a.receive()];
    await a.send(DIE, { to: 'b' });
    await quiet();
    await first.finish();
    await second.finish('awaited');
    // What it waits for itself it still hears.
    expect(await awaited).toBe('awaited');
    await conversation.join();
    expect(told).toEqual(['FINISHED b']);
  });

  it('P5 goes to one, to some or to all others', async () => {
    const transport = open();
    const conversation = converse(transport);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const peers = await Promise.all(
      names.map((name) => settled(transport, conversation.peer(name))),
    );
    const dead = async (): Promise<string[]> => {
      await quiet();
      return peers.filter(({ signal }) => signal.aborted).map(({ name }) => name);
    };
    await peers[0]!.send(DIE, { to: 'b' });
    expect(await dead()).toEqual(['b']);
    await peers[0]!.send(DIE, { to: ['b', 'c', 'd'] });
    expect(await dead()).toEqual(['b', 'c', 'd']);
    await peers[0]!.send(DIE, { to: 'all' });
    expect(await dead()).toEqual(['b', 'c', 'd', 'e']);
    await refusal('PEER_UNKNOWN', peers[0]!.send(DIE, { to: ['nobody', 'e'] }));
    await refusal('BAD_OPTION', peers[0]!.send(DIE, { to: 'a' }));
    await refusal('PEER_GONE', peers[0]!.send('x', { to: 'b' }));
  });

  it('P5 needs no room', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 1 });
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    await a.send('1', { to: 'b' });
    const waits = refusal('PEER_GONE', a.send('2', { to: 'b' }));
    await a.send(DIE, { to: 'b' });
    await waits;
    await quiet();
    expect(b.signal.aborted).toBe(true);
    await refusal('PEER_GONE', a.send('3', { to: 'b' }));
    await conversation.join();
  });

  it('P5 lets what is in hand be answered, and the rest go to others', async () => {
    const transport = open();
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const mine = a.request('mine', { to: 'b' });
    const first = await b.receive();
    const shared = [a.request(1), a.request(2)];
    const second = await b.receive();
    await a.send(DIE, { to: 'b' });
    await quiet();
    await first.finish('done');
    expect(await mine).toBe('done');
    const c = await settled(transport, conversation.peer('c'));
    expect(await c.receive()).toMatchObject({ request: DO, data: 2, attempt: 1 });
    await b.send('farewell', { to: 'a' });
    expect((await a.receive()).request).toBe('farewell');
    // Closing without an answer hands it on.
    await b.close();
    const again = await c.receive();
    expect(again).toMatchObject({ id: second.id, data: 1, attempt: 2 });
    await again.finish('one');
    expect(await shared[0]).toBe('one');
    // c leaves with the other one, and nobody is left to do it.
    await c.close();
    expect(conversation.stats()).toMatchObject({ waiting: 1 });
    await refusal('TIMED_OUT', Promise.race([shared[1]!, conversation.join({ timeout: 0 })]));
  });

  it('P5 asks the worker to stop that was given the peer', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const worker = away(
      transport,
      { deep: [conversation.peer('b')] },
      async ({ deep: [peer] }, { signal }) => {
        await peer!.send('ready', { to: 'a' });
        // It does not even receive.
        await fired(signal);
        return (signal.reason as { code: string }).code;
      },
    );
    await a.receive();
    await a.send(DIE, { to: 'b' });
    expect(await worker.result()).toBe('TOLD_TO_DIE');
    // A stop from outside still reaches it.
    const another = away(transport, conversation.peer('c'), async (peer, { signal }) => {
      await peer.send('ready', { to: 'a' });
      await fired(signal);
      return peer.signal.aborted;
    });
    await a.receive();
    another.stop();
    expect(await another.result()).toBe(false);
  });

  it('P5 reaches a worker that starts later', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const b = conversation.peer('b');
    await a.send('work', { to: 'b' });
    await a.send(DIE, { to: 'b' });
    await quiet();
    await refusal('TOLD_TO_DIE', b.receive());
    expect(b.signal.aborted).toBe(true);
  });
});

it('a worker without peers is asked to stop by its host only', async () => {
  const transport = opened(memory());
  const worker = away(transport, {}, async (_, { signal }) => {
    await fired(signal);
    return 'stopped';
  });
  worker.stop();
  expect(await worker.result()).toBe('stopped');
});
