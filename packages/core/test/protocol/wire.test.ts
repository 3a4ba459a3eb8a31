import { type ConversationEvents, DIE, DO } from '@millrace/core';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { converse, quiet, refusal } from './support.js';
import { tapped } from './tapped.js';

interface Step {
  readonly says: string;
  /** Of each queue, what was put into it, in order. */
  readonly frames: Readonly<Record<string, readonly unknown[]>>;
}

/** With `MILLRACE_GOLDEN=write` it writes what it sees: look at the difference before you commit it. */
const golden = path.join(import.meta.dirname, '../golden/frames.json');

it('P1 the frames between peers and the post office are those of the golden file', async () => {
  const steps: Step[] = [];
  let frames: Record<string, unknown[]> = {};
  const transport = tapped((queue, frame) => {
    (frames[queue.replace('talk/', '')] ??= []).push(JSON.parse(JSON.stringify(frame)));
    return frame;
  });
  const step = async (says: string, act: () => unknown): Promise<void> => {
    frames = {};
    await act();
    await quiet();
    steps.push({ says, frames });
  };

  const conversation = converse(transport, { name: 'talk' });
  const ann = conversation.peer('ann');
  const bob = conversation.peer('bob');
  const cat = conversation.peer('cat');
  const is = (request: string) => (message: { readonly request: string }) =>
    message.request === request;

  await step(
    'the first mail to a peer asks whether it is there; the next ones do not',
    async () => {
      await ann.send('note', { to: 'bob', data: 1 });
      await ann.send('note', { to: 'bob', data: 2 });
    },
  );
  await step('a lone receive: the message is processed', () => bob.receive());
  const loop = bob.messages();
  await step('a loop takes one', () => loop.next());
  await step('and asks for the next: the one before is processed', () => void loop.next());
  await step('mail to nobody, for a receive that takes anything', () =>
    ann.send('job', { data: { n: 1 } }),
  );
  await step('the loop is left, and the job goes back', () => loop.return?.());
  await step('two look for it by predicates, and one gets it', () =>
    Promise.race([bob.receive({ where: is('job') }), cat.receive({ where: is('job') })]),
  );
  await step('the other goes on to decline what is not for it', () => ann.send('other'));
  await step('and is given up', () => ann.send('job', { to: cat.name }));
  await step('a look that finds something, and one that finds nothing', async () => {
    await bob.tryReceive();
    await bob.tryReceive();
  });
  await step('a DO and its answer', async () => {
    const job = bob.receive();
    await quiet();
    const reply = ann.request('sum', { to: 'bob' });
    await (await job).finish(42);
    await reply;
  });
  await step('a DO that is there before it is looked for, and that fails', async () => {
    const reply = ann.request('sum', { to: 'bob' }).catch(() => undefined);
    await quiet();
    await (await bob.receive()).fail({ name: 'RangeError', message: 'too far', code: 'FAR' });
    await reply;
  });
  await step('copies to all', () => ann.send('news', { to: 'all' }));
  await step('is nothing outstanding?', () => ann.isEmpty());
  const join = ann.join();
  await step('and when all is received', async () => {
    await bob.receive();
    await cat.receive();
    await join;
  });
  await step('mail to a peer that is not there', () =>
    ann.send('note', { to: 'dan' }).catch(() => undefined),
  );
  await ann.send('unread', { to: 'bob' });
  await step('DIE: the mail that waited is not delivered', () => ann.send(DIE, { to: 'bob' }));
  await ann.send(DO, { to: 'cat' });
  await cat.receive();
  await step('a peer leaves, with a DO in hand', () => cat.close());
  await step('the conversation is closed', () => conversation.close());

  const seen = `[\n${steps.map(written).join(',\n')}\n]\n`;
  if (process.env['MILLRACE_GOLDEN'] === 'write') writeFileSync(golden, seen);
  expect(JSON.parse(seen)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
});

/** A step with a line for each frame. */
function written({ says, frames }: Step): string {
  const queues = Object.entries(frames)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([queue, put]) =>
        `      "${queue}": [\n${put.map((frame) => `        ${JSON.stringify(frame)}`).join(',\n')}\n      ]`,
    );
  return `  {\n    "says": ${JSON.stringify(says)},\n    "frames": {\n${queues.join(',\n')}\n    }\n  }`;
}

/** Frames that no peer of this release would send. */
const strange: readonly (readonly [what: string, frame: unknown, code: string])[] = [
  ['nothing', undefined, 'MESSAGE_MALFORMED'],
  ['text', 'DO', 'MESSAGE_MALFORMED'],
  ['an empty frame', [], 'MESSAGE_MALFORMED'],
  ['an unknown frame', [99, 1], 'MESSAGE_MALFORMED'],
  ['mail without a message', [2], 'MESSAGE_MALFORMED'],
  ['mail with half a message', [2, { v: 1, id: '1', request: 'x' }], 'MESSAGE_MALFORMED'],
  [
    "mail in another's name",
    [2, { v: 1, id: '1', request: 'x', sender: 'bob' }],
    'MESSAGE_MALFORMED',
  ],
  ['newer mail', [2, { v: 2, id: '1', request: 'x', sender: 'ann' }], 'MESSAGE_TOO_NEW'],
  ['newer copies', [3, { v: 2 }], 'MESSAGE_TOO_NEW'],
  [
    'a strange DIE',
    [12, 1, { v: 1, id: '1', request: 'DIE', sender: 'ann' }, 'bob'],
    'MESSAGE_MALFORMED',
  ],
  ['a name that is none', [1, 7], 'MESSAGE_MALFORMED'],
  ['a number that is none', [5, '7'], 'MESSAGE_MALFORMED'],
  ['half a frame', [8, 1], 'MESSAGE_MALFORMED'],
  [
    'names that are none',
    [12, 1, { v: 1, id: '1', request: 'DIE', sender: 'ann' }, [7]],
    'MESSAGE_MALFORMED',
  ],
  [
    'a proxy',
    new Proxy([], {
      get: () => {
        throw new Error('no');
      },
    }),
    'MESSAGE_MALFORMED',
  ],
];

it.each(strange)(
  'P1 %s is a typed error to the office, and harms nothing else',
  async (_, frame, code) => {
    let swap = false;
    const transport = tapped((queue, value) => {
      if (!swap || !queue.endsWith('ann/up')) return value;
      swap = false;
      return frame;
    });
    const conversation = converse(transport, { capacity: 8 });
    const malformed: ConversationEvents['malformed'][] = [];
    conversation.on('malformed', (event) => malformed.push(event));
    const ann = conversation.peer('ann');
    const bob = conversation.peer('bob');
    await ann.send('1', { to: 'bob' });
    swap = true;
    await ann.send('swapped', { to: 'bob' });
    await ann.send('2', { to: 'bob' });
    expect((await bob.receive()).request).toBe('1');
    expect((await bob.receive()).request).toBe('2');
    expect(malformed).toMatchObject([{ name: 'ann', error: { code } }]);
    await conversation.join();
  },
);

it('P1 what names nothing that is known changes nothing', async () => {
  const unknown: unknown[] = [
    [4, 77],
    [5, 1.5],
    [6, 77, { v: 1, id: '1', request: 'FINISHED', sender: 'ann' }],
    [7, -1, true],
    [9, 5],
    [10, 5, 77],
    [11, 5, 3],
  ];
  let at = -1;
  const transport = tapped((queue, value) =>
    queue.endsWith('ann/up') && at >= 0 && at < unknown.length ? unknown[at++] : value,
  );
  const conversation = converse(transport, { capacity: 64 });
  const ann = conversation.peer('ann');
  const bob = conversation.peer('bob');
  await ann.send('1', { to: 'bob' });
  await quiet();
  at = 0;
  for (const _ of unknown) await ann.send('swapped', { to: 'bob' });
  await ann.send('2', { to: 'bob' });
  expect((await bob.receive()).request).toBe('1');
  expect((await bob.receive()).request).toBe('2');
  expect(conversation.stats()).toMatchObject({
    outstanding: 0,
    sent: 2,
    processed: 2,
    returned: 0,
  });
});

it('P1 a message that this side cannot read is an error to whoever receives it, and no other', async () => {
  let swap: unknown;
  const transport = tapped((queue, value) => {
    const frame = value as unknown[];
    if (
      swap === undefined ||
      !queue.endsWith('bob/down') ||
      ![3, 4, 5].includes(frame[0] as number)
    )
      return value;
    const at = frame.findIndex((part) => typeof part === 'object' && part !== null);
    const changed = frame.map((part, i) => (i === at ? swap : part));
    swap = undefined;
    return changed;
  });
  const conversation = converse(transport);
  const ann = conversation.peer('ann');
  const bob = conversation.peer('bob');
  const newer = { v: 3, id: '1', request: 'x', sender: 'ann' };
  for (const to of ['bob', undefined])
    for (const where of [undefined, () => true]) {
      swap = newer;
      const waits = refusal('MESSAGE_TOO_NEW', bob.receive(where === undefined ? {} : { where }));
      await ann.send('x', { to });
      await waits;
      swap = { half: 'a message' };
      const loop = refusal(
        'MESSAGE_MALFORMED',
        bob.messages(where === undefined ? {} : { where }).next(),
      );
      await ann.send('x', { to });
      await loop;
      await ann.send('y', { to });
      expect((await bob.receive()).request).toBe('y');
    }
  expect(await conversation.isEmpty()).toBe(true);
});
