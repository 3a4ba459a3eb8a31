import {
  type CheckMessages,
  Conversation,
  defineWorker,
  DO,
  FINISHED,
  hasCode,
  type Peer,
  type StandardSchema,
} from '@millrace/core';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { byHand, gated } from '../contracts/schemas.js';
import { opened, places, quiet, refusal, settled } from './support.js';

interface Messages {
  DO: number;
  FINISHED: string;
  PROGRESS: { readonly part: number };
  NOTE: string;
}

/** What the same conversation demands, as two libraries say it. `NOTE` is not named, and so not checked. */
const libraries = {
  zod: {
    DO: z.number().min(1),
    FINISHED: z.string().min(1),
    PROGRESS: z.object({ part: z.number() }),
  },
  valibot: {
    DO: v.pipe(v.number(), v.minValue(1)),
    FINISHED: v.pipe(v.string(), v.minLength(1)),
    PROGRESS: v.object({ part: v.number() }),
  },
};

/** What nobody's types would let pass. */
const bad = (value: unknown): never => value as never;

describe.each(places)('messages with schemas on $place', ({ open: openTransport }) => {
  describe.each(Object.entries(libraries))('of %s', (_, schemas) => {
    const open = async (check?: CheckMessages) => {
      const transport = opened(openTransport());
      const conversation = new Conversation<Messages>({ transport, schemas, check });
      const ann = conversation.peer('ann');
      // Where it works it is told its schemas, if it has left them behind.
      const bob = await settled(transport, conversation.peer('bob'));
      if (transport.manifest.isolation !== 'none') bob.checked(schemas);
      return { conversation, ann, bob };
    };

    it.each(['send', 'both'] as const)('are judged by who sends them (%s)', async (check) => {
      const { conversation, ann, bob } = await open(check);
      const error = await refusal(
        'VALUE_INVALID',
        ann.send('PROGRESS', { to: 'bob', data: bad({ part: 'x' }) }),
      );
      expect(error.details).toMatchObject({
        peer: 'ann',
        request: 'PROGRESS',
        issues: [{ path: '.part' }],
      });
      await refusal('VALUE_INVALID', ann.send(DO, { data: 0 }));
      await refusal('VALUE_INVALID', bob.request(0));
      await ann.send('NOTE', { to: 'bob', data: bad(7) });
      await ann.send('PROGRESS', { to: 'bob', data: { part: 1 } });
      expect([(await bob.receive()).data, (await bob.receive()).data]).toEqual([7, { part: 1 }]);
      expect(conversation.stats().sent).toBe(2);
    });

    it.each(['send', 'both'] as const)(
      'so are answers, and a DO can still be answered then (%s)',
      async (check) => {
        const { ann, bob } = await open(check);
        const answer = ann.request(5, { to: 'bob' });
        const message = await bob.receive({ where: (given) => given.request === DO });
        await refusal('VALUE_INVALID', message.finish(''));
        await message.finish('done');
        expect(await answer).toBe('done');
      },
    );

    it('are judged by who receives them, who gets the error in their place', async () => {
      const { conversation, ann, bob } = await open('receive');
      await ann.send('PROGRESS', { to: 'bob', data: bad({ part: 'x' }) });
      await ann.send('PROGRESS', { to: 'bob', data: { part: 2 } });
      const error = await refusal('VALUE_INVALID', bob.receive());
      expect(error.details).toMatchObject({
        sender: 'ann',
        request: 'PROGRESS',
        issues: [{ path: '.part' }],
      });
      expect((await bob.receive()).data).toEqual({ part: 2 });
      await conversation.join();
    });

    it('are an error also for a receive that would not have accepted them, and predicates see none', async () => {
      const { ann, bob } = await open('receive');
      const seen: unknown[] = [];
      const received = bob.receive({
        where: ({ data }) => {
          seen.push(data);
          return false;
        },
      });
      await ann.send('PROGRESS', { data: bad('nothing') });
      await refusal('VALUE_INVALID', received);
      expect(seen).toEqual([]);
    });

    it('tell whoever asked for something to be done why it is not', async () => {
      const { conversation, ann, bob } = await open('receive');
      const answer = refusal('VALUE_INVALID', ann.request(0, { to: 'bob' }));
      await refusal('VALUE_INVALID', bob.receive());
      expect((await answer).message).toContain('"DO" from peer "ann"');
      await conversation.join();
    });

    it('fail a request whose answer does not match', async () => {
      const { conversation, ann, bob } = await open('receive');
      const answer = refusal('VALUE_INVALID', ann.request(3, { to: 'bob' }));
      const message = await bob.receive();
      if (message.request === DO) await message.finish('');
      await answer;
      await conversation.join();
      expect(await ann.tryReceive()).toBeUndefined();
    });
  });
});

const upper: StandardSchema<string> = byHand((value) => ({ value: String(value).toUpperCase() }));

describe.each(places)('what a schema makes of a message on $place', ({ open: openTransport }) => {
  it.each(['send', 'receive', 'both'] as const)('is made once (%s)', async (check) => {
    let made = 0;
    const more = byHand<string, string>((value) => ({
      value: `${String(value)}!${String(++made)}`,
    }));
    const conversation = new Conversation({
      transport: opened(openTransport()),
      schemas: { NOTE: more },
      check,
    });
    const [ann, bob] = [conversation.peer('ann'), conversation.peer('bob')];
    await ann.send('NOTE', { to: 'bob', data: 'x' });
    const { data } = await bob.receive({
      where: ({ data: text }) =>
        typeof text === 'string' && (text.startsWith('x!') || check === 'send'),
    });
    expect(data).toMatch(/^x!\d$/);
  });

  it('is what predicates see', async () => {
    const conversation = new Conversation({
      transport: opened(openTransport()),
      schemas: { NOTE: upper },
      check: 'receive',
    });
    const [ann, bob] = [conversation.peer('ann'), conversation.peer('bob')];
    const received = bob.receive({ where: ({ data }) => data === 'B' });
    await ann.send('NOTE', { data: 'a' });
    await ann.send('NOTE', { data: 'b' });
    expect((await received).data).toBe('B');
    expect((await bob.receive()).data).toBe('A');
  });
});

describe('checks that take time', () => {
  it('keep the order in which messages were sent, those that are not checked included', async () => {
    const gate = gated();
    const conversation = new Conversation<{ NOTE: string; PLAIN: string }>({
      transport: opened(places[0]!.open()),
      schemas: { NOTE: gate.schema },
    });
    const [ann, bob] = [conversation.peer('ann'), conversation.peer('bob')];
    const sent = [
      ann.send('NOTE', { to: 'bob', data: 'a' }),
      refusal('VALUE_INVALID', ann.send('NOTE', { to: 'bob', data: 'bad' })),
      ann.send('NOTE', { to: 'bob', data: 'b' }),
      ann.send('PLAIN', { to: 'bob', data: 'c' }),
    ];
    for (const value of ['b', 'bad']) gate.open(value);
    await quiet();
    expect(conversation.stats().sent).toBe(0);
    gate.open('a');
    await Promise.all(sent);
    expect([
      (await bob.receive()).data,
      (await bob.receive()).data,
      (await bob.receive()).data,
    ]).toEqual(['a', 'b', 'c']);
  });

  it('are refused where a message is received', async () => {
    const slow = byHand<string, string>(async (value) => ({ value: value as string }));
    const conversation = new Conversation({
      transport: opened(places[0]!.open()),
      schemas: { NOTE: slow },
      check: 'receive',
    });
    const [ann, bob] = [conversation.peer('ann'), conversation.peer('bob')];
    await ann.send('NOTE', { to: 'bob', data: 'x' });
    expect((await refusal('VALUE_INVALID', bob.receive())).message).toContain('judged at once');
  });

  it('let a DO be answered once only', async () => {
    const gate = gated();
    const conversation = new Conversation<{ DO: number; FINISHED: string }>({
      transport: opened(places[0]!.open()),
      schemas: { FINISHED: gate.schema },
    });
    const [ann, bob] = [conversation.peer('ann'), conversation.peer('bob')];
    const answer = ann.request(1);
    const message = await bob.receive();
    if (message.request !== DO) throw new Error('not a DO');
    const answers = [
      message.finish('first'),
      refusal('MESSAGE_NOT_OPEN', message.finish('second')),
    ];
    gate.open('second');
    gate.open('first');
    await Promise.all(answers);
    expect(await answer).toBe('first');
  });
});

describe.each(places)('a peer in a worker on $place', ({ open: openTransport }) => {
  it.each(['send', 'receive', 'both'] as const)(
    'refuses to be used until it is told its schemas (%s)',
    async (check) => {
      const transport = opened(openTransport());
      const schemas = { NOTE: upper };
      const conversation = new Conversation({ transport, schemas, check });
      const ann = conversation.peer('ann');
      const run = async ({
        peer,
      }: {
        readonly peer: Peer<{ NOTE: string }>;
      }): Promise<unknown[]> => {
        const codes: unknown[] = [];
        for (const use of [
          () => peer.send('NOTE', { to: 'ann', data: 'x' }),
          () => peer.receive(),
          () => peer.tryReceive(),
        ])
          await use().catch((error: unknown) => codes.push(hasCode(error, 'SCHEMA_MISSING')));
        peer.checked(schemas);
        await peer.send('NOTE', { to: 'ann', data: 'x' });
        return [...codes, (await peer.receive()).data];
      };
      const worker = transport.start(
        defineWorker(() => Promise.resolve({ default: run })),
        { peer: conversation.peerSlot('bob') },
      );
      expect((await ann.receive()).data).toBe('X');
      await ann.send('NOTE', { to: 'bob', data: 'y' });
      expect(await worker.result()).toEqual([true, true, true, 'Y']);
    },
  );
});

describe('options of a conversation that cannot be', () => {
  it.each<[string, object]>([
    ['where without what', { check: 'send' }],
    ['elsewhere', { schemas: {}, check: 'put' }],
    ['no schema', { schemas: { DO: {} } }],
    ['one for DIE', { schemas: { DIE: upper } }],
    ['one for FAILED', { schemas: { FAILED: upper } }],
  ])('are BAD_OPTION: %s', async (_, options) => {
    const transport = opened(places[0]!.open());
    await refusal('BAD_OPTION', () => new Conversation({ transport, ...options }));
  });

  it('and so is what a peer is told', async () => {
    const conversation = new Conversation({ transport: opened(places[0]!.open()) });
    await refusal('BAD_OPTION', () => conversation.peer().checked({ [FINISHED]: bad({}) }));
  });
});
