/* eslint-disable @typescript-eslint/no-unsafe-call -- some calls must not compile */
import {
  Conversation,
  defineWorker,
  DIE,
  DO,
  FAILED,
  type Failure,
  FINISHED,
  type HostArgs,
  memory,
  type Message,
  parseMessage,
  type Peer,
  type PeerSlot,
  Pipe,
  type PipeEnd,
  type Received,
  type ReceivedDo,
  type ReceivedMessage,
} from '@millrace/core';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

interface Job {
  readonly file: string;
}
interface Talk {
  DO: Job;
  FINISHED: number;
  PROGRESS: number;
  PING: undefined;
  NOTE: string | undefined;
}

const transport = memory();
const typed = new Conversation<Talk>({ transport });
const peer = typed.peer('a');
const untyped = new Conversation({ transport });
const anybody = untyped.peer();

describe('a typed conversation', () => {
  it('sends what its messages say, and nothing else', () => {
    expectTypeOf(peer).toEqualTypeOf<Peer<Talk>>();
    expectTypeOf(peer.send('PROGRESS', { data: 1 })).resolves.toBeString();
    void peer.send('PROGRESS', { data: 1, to: 'b', timeout: 5, signal: AbortSignal.timeout(5) });
    void peer.send('PROGRESS', { data: 1, to: ['b', 'c'] as const });
    void peer.send(DO, { data: { file: 'x' }, to: 'all' });
    // What may be undefined may be left out.
    void peer.send('PING');
    void peer.send('PING', { to: 'b' });
    void peer.send('NOTE', { data: 'x' });
    void peer.send('NOTE');
    // @ts-expect-error -- not a number
    void peer.send('PROGRESS', { data: 'x' });
    // @ts-expect-error -- something is missing
    void peer.send('PROGRESS');
    // @ts-expect-error -- something is missing
    void peer.send('PROGRESS', { to: 'b' });
    // @ts-expect-error -- no such request
    void peer.send('PRGRESS', { data: 1 });
    // @ts-expect-error -- half a job
    void peer.send(DO, { data: {} });
    // @ts-expect-error -- no such option
    void peer.send('PING', { too: 'b' });
    // @ts-expect-error -- a name is a string
    void peer.send('PING', { to: 7 });
  });

  it('tells whom to die', () => {
    void peer.send(DIE, { to: 'b' });
    void peer.send(DIE, { to: ['b'], data: 'why' });
    // @ts-expect-error -- it does not say whom
    void peer.send(DIE);
    // @ts-expect-error -- it does not say whom
    void peer.send(DIE, { data: 1 });
  });

  it('receives a union that is told apart by its request', async () => {
    const message = await peer.receive();
    expectTypeOf(message).toEqualTypeOf<Received<Talk>>();
    expectTypeOf(message.request).toEqualTypeOf<
      'DO' | 'FINISHED' | 'FAILED' | 'PROGRESS' | 'PING' | 'NOTE'
    >();
    if (message.request === DO) {
      expectTypeOf(message).toEqualTypeOf<ReceivedDo<Job, number>>();
      expectTypeOf(message.data).toEqualTypeOf<Job>();
      await message.finish(3);
      await message.fail(new Error('no'));
      // @ts-expect-error -- not a number
      await message.finish('x');
      // @ts-expect-error -- the answer is missing
      await message.finish();
    }
    if (message.request === 'PROGRESS') {
      expectTypeOf(message.data).toBeNumber();
      message.done();
      // @ts-expect-error -- nothing to answer
      await message.finish(1);
    }
    if (message.request === 'PING') expectTypeOf(message.data).toBeUndefined();
    if (message.request === FINISHED) expectTypeOf(message.data).toBeNumber();
    if (message.request === FAILED) expectTypeOf(message.data).toEqualTypeOf<Failure>();
    for await (const each of peer) expectTypeOf(each).toEqualTypeOf<Received<Talk>>();
    for await (const each of peer.messages({ timeout: 5 }))
      expectTypeOf(each).toEqualTypeOf<Received<Talk>>();
    expectTypeOf(peer.tryReceive()).resolves.toEqualTypeOf<Received<Talk> | undefined>();
  });

  it('narrows what it receives by a predicate that narrows', async () => {
    const progress = await peer.receive({ where: (message) => message.request === 'PROGRESS' });
    expectTypeOf(progress.data).toBeNumber();
    const wide = await peer.receive({ where: (message) => message.sender === 'b' });
    expectTypeOf(wide).toEqualTypeOf<Received<Talk>>();
    // @ts-expect-error -- no such request
    await peer.receive({ where: (message) => message.request === 'OTHER' });
  });

  it('requests a job, and awaits its answer', () => {
    expectTypeOf(peer.request({ file: 'x' })).resolves.toBeNumber();
    expectTypeOf(peer.request({ file: 'x' }, { to: 'b', timeout: 5 })).resolves.toBeNumber();
    // @ts-expect-error -- not a job
    void peer.request('x');
    // @ts-expect-error -- one answer, from one peer
    void peer.request({ file: 'x' }, { to: ['b', 'c'] });
    const silent = new Conversation<{ DO: string }>({ transport }).peer();
    expectTypeOf(silent.request('x')).resolves.toBeUndefined();
  });

  it('knows its events', () => {
    peer.on('undelivered', ({ id, request, recipient, code, reason }) => {
      expectTypeOf([id, request, recipient, code, reason]).toEqualTypeOf<string[]>();
    });
    typed.on('peer-left', ({ name, lost, unfinished }) => {
      expectTypeOf(name).toBeString();
      expectTypeOf(lost).toBeBoolean();
      expectTypeOf(unfinished).toBeNumber();
    });
    // @ts-expect-error -- no such event
    peer.on('delivered', () => undefined);
    // @ts-expect-error -- no such option
    new Conversation({ transport, capcity: 5 });
  });

  it('is not taken for another', () => {
    const takes = (given: Peer<Talk>): unknown => given;
    takes(peer);
    // @ts-expect-error -- it speaks of other jobs
    takes(new Conversation<{ DO: number }>({ transport }).peer());
    // @ts-expect-error -- it may say anything
    takes(anybody);
  });
});

describe('a conversation without types', () => {
  it('sends and receives anything', async () => {
    expectTypeOf(anybody).toEqualTypeOf<Peer>();
    void anybody.send('whatever');
    void anybody.send('whatever', { data: 1, to: 'b' });
    const message = await anybody.receive();
    expectTypeOf(message).toExtend<ReceivedMessage>();
    expectTypeOf(message.request).toBeString();
    expectTypeOf(message.data).toBeUnknown();
    // Whether it can be answered is seen when it is.
    await message.finish();
    await message.finish(1);
    expectTypeOf(anybody.request(1)).resolves.toBeUnknown();
    // @ts-expect-error -- still, somebody is to die
    void anybody.send(DIE);
  });
});

describe('a pipe', () => {
  interface Orders {
    DO: Job;
    hint: string;
  }
  interface Reports {
    FINISHED: number;
    progress: number;
  }
  const pipe = new Pipe<Orders, Reports>({ transport });

  it('sends one kind and receives the other', async () => {
    expectTypeOf(pipe.parent).toEqualTypeOf<PipeEnd<Orders, Reports>>();
    expectTypeOf(pipe.child).toEqualTypeOf<PipeEnd<Reports, Orders>>();
    void pipe.parent.send(DO, { file: 'x' });
    void pipe.parent.send('hint', 'x', { timeout: 5 });
    void pipe.parent.send(DIE);
    void pipe.child.send('progress', 1);
    // @ts-expect-error -- that is the other direction
    void pipe.parent.send('progress', 1);
    // @ts-expect-error -- not a number
    void pipe.child.send('progress', 'x');
    // @ts-expect-error -- something is missing
    void pipe.child.send('progress');
    expectTypeOf(pipe.parent.request({ file: 'x' })).resolves.toBeNumber();
    const order = await pipe.child.receive({ where: (message) => message.request === DO });
    expectTypeOf(order).toEqualTypeOf<ReceivedDo<Job, number>>();
    await order.finish(1);
    // @ts-expect-error -- not a number
    await order.finish('x');
    const report = await pipe.parent.receive();
    expectTypeOf(report.request).toEqualTypeOf<'FINISHED' | 'FAILED' | 'progress'>();
    // @ts-expect-error -- the types of its ends are not each other's
    pipe.parent satisfies PipeEnd<Reports, Orders>;
  });
});

describe('in arguments', () => {
  it('peers and ends of pipes are handed over as what they are', () => {
    interface Args {
      readonly peers: readonly Peer<Talk>[];
      readonly end: PipeEnd<{ FINISHED: number }, { DO: Job }>;
      readonly by: Map<string, Peer>;
    }
    expectTypeOf<HostArgs<Args>['peers'][number]>().toEqualTypeOf<Peer<Talk> | PeerSlot<Talk>>();
    expectTypeOf(typed.peerSlot('x')).toEqualTypeOf<PeerSlot<Talk>>();
    expectTypeOf<HostArgs<Args>['end']>().toEqualTypeOf<Args['end']>();
    const worker = defineWorker(() =>
      Promise.resolve({ default: ({ peers, end }: Args) => `${String(peers.length)} ${end.name}` }),
    );
    const pipe = new Pipe<{ DO: Job }, { FINISHED: number }>({ transport });
    expectTypeOf(
      transport
        .start(worker, { peers: [peer], end: pipe.child, by: new Map([['x', anybody]]) })
        .result(),
    ).resolves.toBeString();
    // @ts-expect-error -- the other end
    transport.start(worker, { peers: [peer], end: pipe.parent, by: new Map() });
    // @ts-expect-error -- a peer that speaks of something else
    transport.start(worker, { peers: [anybody], end: pipe.child, by: new Map() });
  });
});

it('what is read of a message is a message', () => {
  expectTypeOf(parseMessage).parameter(0).toBeUnknown();
  expectTypeOf(parseMessage({})).toEqualTypeOf<Message>();
  expectTypeOf(parseMessage({}).data).toBeUnknown();
  expectTypeOf(parseMessage({}).recipient).toEqualTypeOf<string | undefined>();
});

describe('a conversation with schemas', () => {
  it('takes its types from them', () => {
    const conversation = new Conversation({
      transport: memory(),
      schemas: { DO: z.object({ n: z.number() }), FINISHED: z.string() },
    });
    const peer = conversation.peer();
    expectTypeOf(peer).toEqualTypeOf<Peer<{ DO: { n: number }; FINISHED: string }>>();
    expectTypeOf(peer.request({ n: 1 })).resolves.toEqualTypeOf<string>();
    // @ts-expect-error -- not what a DO carries
    void peer.send('DO', { data: 1 });
    // @ts-expect-error -- no such request
    void peer.send('PROGRESS', { data: 1 });
    // @ts-expect-error -- texts, and not numbers
    new Conversation<{ DO: number }>({ transport: memory(), schemas: { DO: z.string() } });
    // @ts-expect-error -- of another conversation
    peer.checked({ DO: z.string() });
  });
});
