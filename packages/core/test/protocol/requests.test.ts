import { DO, memory } from '@millrace/core';
import { ManualClock } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { converse, places, quiet, refusal, settled } from './support.js';

describe.each(places)('request on $place', ({ open }) => {
  async function pair() {
    const transport = open();
    const conversation = converse(transport);
    const a = await settled(transport, conversation.peer('a'));
    const b = await settled(transport, conversation.peer('b'));
    return { transport, conversation, a, b };
  }

  it('P6 awaits its own answer, among other mail', async () => {
    const { conversation, a, b } = await pair();
    const replies = [
      a.request('one', { to: 'b' }),
      a.request('two'),
      a.request('three', { to: 'b' }),
    ];
    const jobs = [];
    for (let n = 0; n < 3; n++)
      jobs.push(await b.receive({ where: ({ request }) => request === DO }));
    await b.send('by the way', { to: 'a' });
    for (const job of jobs.reverse()) await job.finish(`${String(job.data)}!`);
    expect(await Promise.all(replies)).toEqual(['one!', 'two!', 'three!']);
    // Its answers are for nobody else.
    expect((await a.receive()).request).toBe('by the way');
    expect(await a.tryReceive()).toBeUndefined();
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P6 fails with the error that the other side failed with', async () => {
    const { conversation, a, b } = await pair();
    const reply = a.request(1, { to: 'b' });
    const error = Object.assign(new TypeError('cannot'), { code: 'CANNOT' });
    await (await b.receive()).fail(error);
    const got: unknown = await reply.catch((given: unknown) => given);
    expect(got).toBeInstanceOf(Error);
    expect(got).toMatchObject({ name: 'TypeError', message: 'cannot', code: 'CANNOT' });
    expect((got as Error).stack).toBe(error.stack);
    await conversation.join();
  });

  it('P6 ends with its signal, and its late answer is thrown away', async () => {
    const { conversation, a, b } = await pair();
    const controller = new AbortController();
    const reply = a.request(1, { to: 'b', signal: controller.signal });
    const job = await b.receive();
    controller.abort('enough');
    expect(await refusal('ABORTED', reply)).toMatchObject({
      cause: 'enough',
      details: { sent: true },
    });
    await job.finish('late');
    await conversation.join();
    expect(await a.tryReceive()).toBeUndefined();
    // One that was not sent was surely not worked on.
    expect(
      (await refusal('ABORTED', a.request(1, { to: 'b', signal: AbortSignal.abort() }))).details,
    ).not.toHaveProperty('sent');
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P6 fails when the other side closes without an answer', async () => {
    const { conversation, a, b } = await pair();
    const begun = refusal('PEER_GONE', a.request('begun', { to: 'b' }));
    await b.receive();
    const waiting = refusal('PEER_GONE', a.request('waiting', { to: 'b' }));
    await quiet();
    await b.close();
    expect(await begun).toMatchObject({ details: { peer: 'b' } });
    await waiting;
    await refusal('PEER_GONE', a.request('late', { to: 'b' }));
    await refusal('PEER_UNKNOWN', a.request('never', { to: 'nobody' }));
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P6 of whoever may do it, another takes over', async () => {
    const { transport, conversation, a, b } = await pair();
    const reply = a.request('job');
    expect(await b.receive()).toMatchObject({ attempt: 1 });
    await b.close();
    const c = await settled(transport, conversation.peer('c'));
    const again = await c.receive();
    expect(again).toMatchObject({ data: 'job', attempt: 2 });
    await again.finish('done');
    expect(await reply).toBe('done');
  });

  it('P6 fails when this side closes, and when the conversation does', async () => {
    const { transport, conversation, a, b } = await pair();
    const mine = refusal('ENDPOINT_CLOSED', a.request(1, { to: 'b' }));
    await quiet();
    await a.close();
    await mine;
    // Whoever works on it can still answer; nobody hears of it.
    await (await b.receive()).finish(1);
    await conversation.join();
    const c = await settled(transport, conversation.peer('c'));
    const other = refusal('CONVERSATION_CLOSED', c.request(1, { to: 'b' }));
    const job = await b.receive();
    await conversation.close();
    await other;
    await refusal('CONVERSATION_CLOSED', job.finish());
  });

  it('refuses what cannot be', async () => {
    const { a } = await pair();
    await refusal('BAD_OPTION', a.request(1, { to: 'all' }));
    await refusal('BAD_OPTION', a.request(1, { to: ['b', 'c'] as unknown as string }));
    await refusal('BAD_OPTION', a.request(1, { to: 'a' }));
    await refusal('BAD_OPTION', a.request(1, { to: 'b', timeout: -1 }));
  });
});

it('P6 ends when its time is up, whether it waits for room or for its answer', async () => {
  const clock = new ManualClock();
  const conversation = converse(memory({ runtime: clock }), { capacity: 1 });
  const a = conversation.peer('a');
  const b = conversation.peer('b');
  const firstEnd = refusal('TIMED_OUT', a.request(1, { to: 'b', timeout: 100 }));
  await quiet();
  const second = a.request(2, { to: 'b', timeout: 50 });
  await quiet();
  clock.advance(60);
  expect((await refusal('TIMED_OUT', second)).details).not.toHaveProperty('sent');
  const third = refusal('TIMED_OUT', a.request(3, { to: 'b', timeout: 60 }));
  await quiet();
  clock.advance(45);
  const job = await b.receive();
  await quiet();
  expect((await firstEnd).details).toMatchObject({ timeout: 100, sent: true });
  // The time that it waited for room counts.
  clock.advance(15);
  expect((await third).details).toMatchObject({ timeout: 60, sent: true });
  expect(clock.pending().timers).toBe(0);
  await job.finish();
  await (await b.receive()).finish();
  await conversation.join();
  expect(await a.tryReceive()).toBeUndefined();
});
