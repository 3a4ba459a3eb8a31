import { DO, FAILED, FINISHED } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { converse, places, quiet, refusal, settled } from './support.js';

describe.each(places)('settling on $place', ({ open }) => {
  async function pair() {
    const transport = open();
    const conversation = converse(transport);
    const a = await settled(transport, conversation.peer('a'));
    const b = await settled(transport, conversation.peer('b'));
    return { conversation, a, b };
  }

  it('P5 what was sent is outstanding until it is received', async () => {
    const { conversation, a, b } = await pair();
    expect(await conversation.isEmpty()).toBe(true);
    for (const to of ['b', undefined]) {
      await a.send('x', { to });
      // Everybody sees it, wherever it is under way.
      for (const each of [conversation, a, b]) expect(await each.isEmpty()).toBe(false);
      let joined = 0;
      const joins = [conversation, a, b].map((each) => each.join().then(() => joined++));
      await quiet();
      expect(joined).toBe(0);
      await b.receive();
      await Promise.all(joins);
      for (const each of [conversation, a, b]) expect(await each.isEmpty()).toBe(true);
    }
    await Promise.all([conversation.join(), a.join()]);
  });

  it('P5 in a loop it is processed when the loop asks for the next', async () => {
    const { conversation, a, b } = await pair();
    for (const to of ['b', undefined]) {
      const loop = b.messages();
      await a.send('1', { to });
      expect((await loop.next()).value?.request).toBe('1');
      expect(await conversation.isEmpty()).toBe(false);
      const second = loop.next();
      await conversation.join();
      await a.send('2', { to });
      await second;
      expect(await conversation.isEmpty()).toBe(false);
      const third = loop.next();
      await conversation.join();
      await loop.return?.();
      expect(await third).toEqual({ done: true, value: undefined });
    }
  });

  it('P5 a DO is processed when it is answered', async () => {
    const { conversation, a, b } = await pair();
    for (const [to, how] of [
      ['b', 'lone'],
      ['b', 'loop'],
      [undefined, 'lone'],
      [undefined, 'loop'],
    ] as const) {
      const id = await a.send(DO, { to, data: 1 });
      const loop = b.messages();
      const message = how === 'lone' ? await b.receive() : (await loop.next()).value!;
      await loop.return?.();
      expect(message).toMatchObject({ request: DO, id, data: 1 });
      await quiet();
      expect(await conversation.isEmpty()).toBe(false);
      await message.finish({ ok: true });
      // Its answer is a message like any other.
      expect(await conversation.isEmpty()).toBe(false);
      expect(await a.receive()).toMatchObject({
        request: FINISHED,
        sender: 'b',
        recipient: 'a',
        replyTo: id,
        data: { ok: true },
      });
      await conversation.join();
    }
  });

  it('P5 a DO that fails says why', async () => {
    const { conversation, a, b } = await pair();
    const id = await a.send(DO, { to: 'b' });
    await (await b.receive()).fail(Object.assign(new RangeError('too far'), { code: 'FAR' }));
    const answer = await a.receive();
    expect(answer).toMatchObject({
      request: FAILED,
      replyTo: id,
      data: { name: 'RangeError', message: 'too far', code: 'FAR' },
    });
    for (const thrown of ['text', null, undefined, 7, {}]) {
      await a.send(DO, { to: 'b' });
      await (await b.receive()).fail(thrown);
      expect((await a.receive()).data).toMatchObject({ name: 'Error' });
    }
    await conversation.join();
  });

  it('P5 each DO is answered once, and nothing else is', async () => {
    const { conversation, a, b } = await pair();
    await a.send(DO, { to: 'b' });
    await a.send('x', { to: 'b' });
    const job = await b.receive();
    const other = await b.receive();
    expect(() => {
      job.done();
    }).toThrow(expect.objectContaining({ code: 'MESSAGE_NOT_OPEN' }));
    const finishing = job.finish();
    await refusal('MESSAGE_NOT_OPEN', job.finish());
    await refusal('MESSAGE_NOT_OPEN', job.fail(new Error()));
    await refusal('MESSAGE_NOT_OPEN', other.finish());
    other.done();
    await finishing;
    expect(await a.receive()).toMatchObject({ request: FINISHED, data: undefined });
    expect(await a.tryReceive()).toBeUndefined();
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P5 an answer that cannot be carried leaves the DO open', async () => {
    const transport = open();
    const conversation = converse(transport, { clone: true });
    const a = conversation.peer('a');
    const b = await settled(transport, conversation.peer('b'));
    const reply = a.request(1, { to: 'b' });
    const job = await b.receive();
    expect(
      (
        await refusal(
          'VALUE_NOT_CLONEABLE',
          job.finish(() => 1),
        )
      ).details,
    ).toMatchObject({ path: 'data' });
    await job.finish(2);
    expect(await reply).toBe(2);
  });

  it('P5 many DOs are in hand at a time, and answered in any order', async () => {
    const { conversation, a, b } = await pair();
    const replies = [1, 2, 3, 4].map((n) => a.request(n, { to: 'b' }));
    const jobs = [];
    for (let n = 0; n < 4; n++) jobs.push(await b.receive());
    for (const job of jobs.reverse()) await job.finish((job.data as number) * 10);
    expect(await Promise.all(replies)).toEqual([10, 20, 30, 40]);
    expect(await conversation.isEmpty()).toBe(true);
  });

  it('P5 answers need no room: all can be asked before the first answer is read', async () => {
    const transport = open();
    const conversation = converse(transport, { capacity: 2 });
    const a = await settled(transport, conversation.peer('a'));
    const b = await settled(transport, conversation.peer('b'));
    const working = (async () => {
      for await (const message of b) await message.finish(message.data);
    })();
    for (let n = 0; n < 20; n++) await a.send(DO, { to: 'b', data: n });
    for (let n = 0; n < 20; n++) expect((await a.receive()).data).toBe(n);
    await conversation.join();
    await conversation.close();
    await working;
  });

  it('P5 join counts what was sent before a message was settled', async () => {
    const { conversation, a, b } = await pair();
    const working = (async () => {
      for await (const { data } of b)
        if ((data as number) > 0) await b.send('n', { to: 'a', data: (data as number) - 1 });
    })();
    const back = (async () => {
      for await (const { data } of a)
        if ((data as number) > 0) await a.send('n', { to: 'b', data: (data as number) - 1 });
    })();
    await a.send('n', { to: 'b', data: 200 });
    // At no moment in between is nothing outstanding.
    await conversation.join();
    expect(conversation.stats()).toMatchObject({ sent: 201, processed: 201, outstanding: 0 });
    await conversation.close();
    await Promise.all([working, back]);
  });

  it('P5 a loop that is left keeps what is addressed, and gives back what is not', async () => {
    const { conversation, a, b } = await pair();
    await a.send('mine', { to: 'b' });
    await a.send('job');
    await a.send('next');
    await quiet();
    for await (const message of b) {
      expect(message.request).toBe('mine');
      break;
    }
    for await (const message of b) {
      expect(message).toMatchObject({ request: 'job', attempt: 1 });
      break;
    }
    // It may have been a throw: it comes again, and says so, in its old place.
    for await (const message of b) {
      expect(message).toMatchObject({ request: 'job', attempt: 2, redelivered: true });
      message.done();
      message.done();
      break;
    }
    expect(await b.receive()).toMatchObject({ request: 'next', attempt: 1 });
    expect(await conversation.isEmpty()).toBe(true);
    expect(conversation.stats()).toMatchObject({ sent: 3, processed: 3, returned: 1, undelivered: 0 });
  });

  it('P5 a join that is given up changes nothing', async () => {
    const { conversation, a, b } = await pair();
    await a.send('x', { to: 'b' });
    const controller = new AbortController();
    const joins = [conversation, a, b].map((each) => each.join({ signal: controller.signal }));
    controller.abort();
    for (const join of joins) await refusal('ABORTED', join);
    for (const each of [conversation, a, b]) await refusal('TIMED_OUT', each.join({ timeout: 0 }));
    await b.receive();
    await conversation.join({ timeout: 60_000 });
  });
});
