import {
  Conversation,
  defineWorker,
  DO,
  IterableQueue,
  memory,
  type Peer,
  Pipe,
  type PipeEnd,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { away, converse, opened, places, quiet, refusal } from './support.js';

describe.each(places)('Q15 peers and ends of pipes on $place', ({ open, far }) => {
  it('arrive at any depth, as what they were, once for each', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const pipe = new Pipe({ transport });
    const queue = new IterableQueue<string>({ transport });
    const a = conversation.peer('a');
    const b = conversation.peer('b');
    const args = {
      list: [1, { b }],
      byName: new Map([['child', pipe.child]]),
      again: new Set([b]),
      out: queue.producer(),
      error: new RangeError('carried'),
    };
    const worker = away(transport, args, async ({ list, byName, again, out, error }) => {
      const peer = (list[1] as { b: Peer }).b;
      const end = byName.get('child')!;
      await peer.send('hello', {
        to: 'a',
        data: [peer.constructor.name, end.constructor.name, again.has(peer)],
      });
      await end.send('hello', error.message);
      await out.put(`${peer.name} ${end.name}`);
      return (await peer.receive()).data;
    });
    expect((await a.receive()).data).toEqual(['Peer', 'PipeEnd', true]);
    expect((await pipe.parent.receive()).data).toBe('carried');
    expect(await queue.consumer().get()).toBe('b child');
    await a.send('answer', { to: 'b', data: 42 });
    expect(await worker.result()).toBe(42);
    expect(args.list[1]).toEqual({ b });
  });

  it('are moved: all use here is an error, and closing is harmless', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const pipe = new Pipe({ transport });
    const peer = conversation.peer('a');
    const worker = away(transport, { peer, end: pipe.child }, async ({ peer: mine, end }) => {
      await mine.receive();
      await end.receive();
    });
    for (const part of [peer, pipe.child]) {
      for (const act of [
        part.receive(),
        part.tryReceive(),
        part.messages().next(),
        part.isEmpty(),
        part.join(),
        part.request(1),
      ])
        expect((await refusal('ENDPOINT_MOVED', act)).message).toContain(part.name);
      await part.close();
    }
    await refusal('ENDPOINT_MOVED', peer.send('x'));
    await refusal('ENDPOINT_MOVED', () => away(transport, peer, () => Promise.resolve()));
    await conversation.peer('b').send('still there', { to: 'a' });
    await pipe.parent.send('still there');
    await worker.result();
  });

  it('are left as they are when something else cannot leave', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const peer = conversation.peer('a');
    const closed = new IterableQueue<number>({ transport }).producer();
    await closed.close();
    await refusal('ENDPOINT_CLOSED', () =>
      away(transport, { peer, closed }, () => Promise.resolve()),
    );
    await refusal('ENDPOINT_CLOSED', () =>
      away(transport, { closed, peer }, () => Promise.resolve()),
    );
    const other = conversation.peer('b');
    await other.send('x', { to: 'a' });
    expect((await peer.receive()).request).toBe('x');
    await peer.send('y', { to: 'b' });
    expect((await other.receive()).request).toBe('y');
    if (far)
      await refusal('VALUE_NOT_CLONEABLE', () =>
        away(transport, { peer, bad: () => 1 }, () => Promise.resolve()),
      );
    await other.send('z', { to: 'a' });
    expect((await peer.receive()).request).toBe('z');
  });

  it('cannot leave while they are used', async () => {
    const transport = opened(open());
    const conversation = converse(transport, { capacity: 1 });
    const [a, b] = [conversation.peer('a'), conversation.peer('b')];
    const leave = () => away(transport, { deep: [a] }, () => Promise.resolve());
    const controller = new AbortController();
    const { signal } = controller;
    const busy = async (act: () => Promise<unknown>): Promise<void> => {
      const done = act().catch(() => undefined);
      await refusal('ENDPOINT_BUSY', leave);
      await done;
    };
    await busy(() => a.isEmpty());
    await b.send('1', { to: 'a' });
    await b.send(DO);
    const loop = a.messages();
    await loop.next();
    await refusal('ENDPOINT_BUSY', leave);
    await loop.return?.();
    const job = await a.receive();
    await refusal('ENDPOINT_BUSY', leave);
    await job.finish();
    await a.send('2', { to: 'b' });
    const waits = [
      a.receive({ signal }),
      a.send('3', { to: 'b', signal }),
      a.request(1, { signal }),
    ].map((wait) => wait.catch(() => undefined));
    await refusal('ENDPOINT_BUSY', leave);
    controller.abort();
    await Promise.all(waits);
    await leave().result();
  });

  it('take with them what had come, how much they had sent, and what they need not hear', async () => {
    const transport = opened(open());
    const conversation = converse(transport, { capacity: 2 });
    const [a, b] = [conversation.peer('a'), conversation.peer('b')];
    for (const n of [1, 2]) await a.send('to a worker', { to: 'b', data: n });
    await b.send('1', { to: 'a' });
    await b.send('2', { to: 'a' });
    const given = b.request('given up', { to: 'c', timeout: 0 }).catch(() => undefined);
    const lost = b.request('given up', { timeout: 0 }).catch(() => undefined);
    await Promise.all([given, lost]);
    await quiet();
    const worker = away(transport, b, async (peer) => {
      const came = [(await peer.receive()).data, (await peer.receive()).data];
      const late = await peer
        .send('3', { to: 'a', timeout: 0 })
        .catch((error: unknown) => (error as { code: string }).code);
      const mail = await peer.receive();
      return { came, late, mail: mail.request };
    });
    const job = await a.receive({ where: ({ request }) => request === DO });
    await job.finish('thrown away');
    await conversation.peer('x').send('the rest', { to: 'b' });
    expect(await worker.result()).toEqual({ came: [1, 2], late: 'TIMED_OUT', mail: 'the rest' });
    expect((await a.receive()).request).toBe('1');
    expect((await a.receive()).request).toBe('2');
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('are handed on by the worker that has them', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const second = opened(memory());
    const worker = away(transport, conversation.peer('b'), async (peer) => {
      await peer.send('first', { to: 'a' });
      return away(second, { peer }, async ({ peer: passed }) => {
        const { data } = await passed.receive();
        await passed.send('second', { to: 'a', data });
        return 'handed on';
      }).result();
    });
    expect((await a.receive()).request).toBe('first');
    await a.send('x', { to: 'b', data: 7 });
    expect(await a.receive()).toMatchObject({ request: 'second', data: 7, sender: 'b' });
    expect(await worker.result()).toBe('handed on');
  });

  it('are closed with the worker that was given them', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const pipe = new Pipe({ transport });
    const left: string[] = [];
    conversation.on('peer-left', ({ name, lost }) => left.push(`${name} ${String(lost)}`));
    await away(transport, [conversation.peer('b'), pipe.child], async () =>
      Promise.resolve(),
    ).result();
    await quiet();
    expect(left).toEqual(['b false']);
    await refusal('PEER_GONE', pipe.parent.receive());
  });

  it('arrive in messages, and what is posted behind them does not overtake them', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const worker = away(transport, {}, async (_, { channel }) => {
      const heard: unknown[] = [];
      return new Promise<unknown[]>((resolve) => {
        channel.listen((message) => {
          heard.push(typeof message === 'string' ? message : (message as { peer: Peer }).peer.name);
          if (heard.length === 4) resolve(heard);
        });
      });
    });
    for (const message of ['1', { peer: conversation.peer('b') }, '2', '3'])
      worker.channel.post(message);
    expect(await worker.result()).toEqual(['1', 'b', '2', '3']);
  });

  it('are closed with a worker that is ended before its module is there', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const left: string[] = [];
    conversation.on('peer-left', ({ name }) => left.push(name));
    const endless = defineWorker<(peer: Peer) => void>(() => new Promise<never>(() => undefined));
    const worker = transport.start(endless, conversation.peer('b'));
    const { status } = await worker.terminate();
    await quiet();
    expect({ status, left }).toEqual({ status: 'failed', left: ['b'] });
  });

  it('come from a slot at each start', async () => {
    const transport = opened(open());
    const conversation = converse(transport);
    const a = conversation.peer('a');
    const named = conversation.peerSlot('b');
    const any = conversation.peerSlot();
    const run = async (given: { readonly named: Peer; readonly any: Peer }): Promise<string> => {
      const { data } = await given.named.receive();
      await given.any.send('from', { to: 'a', data });
      return `${given.named.name} ${given.any.name}`;
    };
    const worker = defineWorker(() => Promise.resolve({ default: run }));
    const start = () => transport.start(worker, { named, any });
    await refusal('PEER_UNKNOWN', a.send('x', { to: 'b' }));
    const names = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const started = start();
      await a.send('x', { to: 'b', data: turn });
      expect((await a.receive()).data).toBe(turn);
      names.add(await started.result());
      await quiet();
    }
    expect(names.size).toBe(3);
    // One at a time has the name.
    const first = start();
    await refusal('PEER_NAME_TAKEN', start);
    await a.send('x', { to: 'b' });
    await first.result();
    await quiet();
    // What cannot start leaves no peer behind.
    const closed = new IterableQueue<number>({ transport }).producer();
    await closed.close();
    await refusal('ENDPOINT_CLOSED', () => away(transport, { named, closed }, () => undefined));
    await quiet();
    expect(conversation.stats().peers).toEqual(['a']);
    named.close();
    await refusal('ENDPOINT_CLOSED', start);
  });

  it('leave nothing behind', async () => {
    const transport = opened(open());
    for (let turn = 0; turn < 20; turn++) {
      const conversation = new Conversation({ transport });
      const [a, b] = [conversation.peer(), conversation.peer()];
      await a.send('x', { to: b.name });
      await b.receive();
      await b.close();
      await conversation.close();
      await a.close();
      const pipe = new Pipe({ transport });
      await pipe.parent.send('x');
      await pipe.child.receive();
      await pipe.parent.close();
      await pipe.child.close();
    }
    await quiet(50);
    expect(transport.health().queues.filter(({ depth, inHand }) => depth + inHand > 0)).toEqual([]);
    if (!far) expect(transport.health().queues).toEqual([]);
  });
});

it('an end of a pipe says which it is', () => {
  const pipe = new Pipe({ transport: opened(memory()) });
  const ends: PipeEnd[] = [pipe.parent, pipe.child];
  expect(ends.map(({ name }) => name)).toEqual(['parent', 'child']);
});
