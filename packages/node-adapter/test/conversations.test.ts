import {
  Conversation,
  type ConversationEvents,
  defineWorker,
  DIE,
  DO,
  FINISHED,
  Pipe,
} from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { openTransport, range, refusal } from './support.js';
import type { Notes } from './workers/mingles.js';
import type { Talk } from './workers/serves.js';

const serves = defineWorker(
  () => import('./workers/serves.js'),
  new URL('./workers/serves.ts', import.meta.url),
);
const mingles = defineWorker(
  () => import('./workers/mingles.js'),
  new URL('./workers/mingles.ts', import.meta.url),
);

describe('a conversation with threads', () => {
  it('shares out what is for anybody, and each DO is answered once', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const boss = conversation.peer('boss');
    const workers = range(1, 6).map((n) =>
      transport.start(serves, { self: conversation.peer(`worker-${String(n)}`) }),
    );
    const jobs = range(0, 200);
    for (const n of jobs) await boss.send(DO, { data: n });
    const results: unknown[] = [];
    const by = new Set<string>();
    for await (const message of boss) {
      if (message.request !== FINISHED) continue;
      results.push(message.data);
      by.add(message.sender);
      if (results.length === jobs.length) break;
    }
    expect(results.sort((a, b) => Number(a) - Number(b))).toEqual(jobs.map((n) => n * 2));
    expect(by.size).toBeGreaterThan(1);
    expect(
      await Promise.all(range(1, 6).map((n) => boss.request(n, { to: `worker-${String(n)}` }))),
    ).toEqual([2, 4, 6, 8, 10]);
    await conversation.join();
    await boss.send(DIE, { to: 'all' });
    const ends = await Promise.all(workers.map((worker) => worker.result()));
    expect(ends.reduce((sum, { served }) => sum + served, 0)).toBe(205);
    expect(ends.every(({ stopped }) => stopped)).toBe(true);
  });

  it('goes on when a thread dies in the middle of it', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const left: ConversationEvents['peer-left'][] = [];
    conversation.on('peer-left', (event) => left.push(event));
    const boss = conversation.peer('boss');
    const start = (name: string) =>
      transport.start(serves, { self: conversation.peer(name) }, { name });
    const mortal = start('mortal');
    const told: unknown[] = [];
    boss.on('undelivered', (event) => told.push(event));
    // One DO is in its hands, for good; one is for anybody; then it is asked to die.
    const mine = refusal('PEER_GONE', boss.request('never', { to: 'mortal' }));
    const shared = boss.request('attempt');
    expect(await shared).toBe(1);
    const handed = boss.request('never');
    const ends = refusal('PEER_GONE', boss.request('die', { to: 'mortal' }));
    expect(await mortal.exit).toMatchObject({ status: 'failed', error: { code: 'WORKER_EXITED' } });
    await mine;
    await ends;
    expect(left).toMatchObject([{ name: 'mortal', lost: true }]);
    // Its name is free, and another takes over what was for anybody.
    const again = conversation.peer('mortal');
    const job = await again.receive({ where: (message) => message.request === DO });
    expect(job).toMatchObject({ request: DO, data: 'never', attempt: 2 });
    await job.finish('taken over');
    expect(await handed).toBe('taken over');
    await conversation.join();
    expect(told).toEqual([]);
    expect(conversation.stats()).toMatchObject({ outstanding: 0, peers: ['boss', 'mortal'] });
  });

  it.each(['throw', 'terminate'])('tells the sender when a worker ends by %s', async (how) => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const boss = conversation.peer('boss');
    const worker = transport.start(serves, { self: conversation.peer('worker') });
    expect(await boss.request(1, { to: 'worker' })).toBe(2);
    const reply = refusal(
      'PEER_GONE',
      boss.request(how === 'throw' ? 'throw' : 'never', { to: 'worker' }),
    );
    if (how === 'terminate') {
      await boss.request(1, { to: 'worker' });
      await worker.terminate();
    }
    await reply;
    expect(await worker.exit).toMatchObject({ status: 'failed' });
    await refusal('PEER_GONE', boss.send('note', { to: 'worker', data: 1 }));
  });

  it('is told to die although it is busy, and before all other mail', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const boss = conversation.peer('boss');
    const worker = transport.start(serves, { self: conversation.peer('worker'), blockMs: 50 });
    expect(await boss.request(1, { to: 'worker' })).toBe(2);
    for (let n = 0; n < 100; n++) await boss.send(DO, { to: 'worker', data: n });
    await boss.send(DIE, { to: 'worker' });
    const { served, stopped } = await worker.result();
    expect(stopped).toBe(true);
    // The first of the hundred, and what came in the same turn at the most.
    expect(served).toBeLessThan(10);
    while ((await boss.tryReceive()) !== undefined);
    await conversation.join();
  });

  it('carries errors, and values of all kinds', async () => {
    const transport = openTransport();
    const pipe = new Pipe<Talk, Talk>({ transport });
    const worker = transport.start(serves, { self: pipe.child });
    const failed: unknown = await pipe.parent.request('fail').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Error);
    expect(failed).toMatchObject({ name: 'RangeError', message: 'too far', code: 'FAR' });
    expect(await pipe.parent.request(4)).toBe(8);
    expect(
      (await refusal('VALUE_NOT_CLONEABLE', pipe.parent.send(DO, (() => 1) as never))).details,
    ).toMatchObject({ path: 'data' });
    // The other end's loop ends when this one is closed.
    await pipe.parent.close();
    expect(await worker.result()).toEqual({ served: 2, stopped: false });
  });

  it('is held in a pipe until the thread at its other end is gone', async () => {
    const transport = openTransport();
    const pipe = new Pipe<Talk, Talk>({ transport });
    const worker = transport.start(serves, { self: pipe.child });
    const waits = refusal('PEER_GONE', pipe.parent.receive());
    const reply = refusal('PEER_GONE', pipe.parent.request('die'));
    expect(await worker.exit).toMatchObject({ status: 'failed', error: { code: 'WORKER_EXITED' } });
    await reply;
    await waits;
  });

  it('P3 brings each of many messages once to whom it is for, in order', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Notes>({ transport, capacity: 32 });
    const counter = conversation.peer('counter');
    const names = range(0, 5).map((n) => `thread-${String(n)}`);
    const each = 1500;
    const workers = names.map((name, seed) =>
      transport.start(mingles, { self: conversation.peer(name), names, messages: each, seed }),
    );
    for (const _ of names) await counter.receive({ where: ({ request }) => request === 'SENT' });
    await conversation.join();
    expect(await conversation.isEmpty()).toBe(true);
    expect(conversation.stats()).toMatchObject({
      sent: names.length * (each + 1),
      returned: 0,
      undelivered: 0,
    });
    await conversation.close();
    const results = await Promise.all(workers.map((worker) => worker.result()));
    expect(results.flatMap(({ faults }) => faults).slice(0, 5)).toEqual([]);
    const seen = results.flatMap(({ seen: own }) => own);
    expect(seen.length).toBe(names.length * each);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('goes on with the next thread from a slot, as soon as the one before is gone', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const boss = conversation.peer('boss');
    const slot = conversation.peerSlot('worker');
    let goneBefore: Promise<unknown> = Promise.resolve();
    for (let turn = 0; turn < 4; turn++) {
      const worker = transport.start(serves, { self: slot });
      // What is sent before the boss has heard that the last one left is for that one.
      await goneBefore;
      expect(await boss.request(turn, { to: 'worker' })).toBe(turn * 2);
      goneBefore = refusal('PEER_GONE', boss.request('die', { to: 'worker' }));
      await worker.exit;
    }
    await goneBefore;
    expect(conversation.stats()).toMatchObject({ peers: ['boss'] });
  });

  it('leaves no thread behind', async () => {
    const transport = openTransport();
    const conversation = new Conversation<Talk>({ transport });
    const boss = conversation.peer('boss');
    const workers = range(0, 3).map(() => transport.start(serves, { self: conversation.peer() }));
    expect(await boss.request(1)).toBe(2);
    await conversation.close();
    for (const worker of workers) expect(await worker.result()).toMatchObject({ stopped: false });
    expect(transport.health().workers).toBe(0);
  });
});
