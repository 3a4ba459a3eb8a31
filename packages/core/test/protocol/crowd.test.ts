import {
  Conversation,
  memory,
  type Peer,
  type ReceivedMessage,
  type Transport,
} from '@millrace/core';
import { expect, it, onTestFinished } from 'vitest';
import { links, shuffled } from './links-transport.js';
import { opened, settled } from './support.js';

/** Small and fast, and the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Sent {
  /** Whom it is for; undefined for whoever takes it. */
  readonly to: string | undefined;
  /** Which of its sender's it is, in the order of sending. */
  readonly n: number;
}

/** Whatever is in the air between peers: who sent what to whom, and who got it. */
async function crowd(
  transport: Transport,
  peers: number,
  messages: number,
  capacity: number,
  seed: number,
): Promise<void> {
  const random = randomFrom(seed);
  const conversation = new Conversation<{ NOTE: Sent }>({ transport, capacity });
  const names = ['parent', ...Array.from({ length: peers }, (_, i) => `child-${String(i + 1)}`)];
  const crew: Peer<{ NOTE: Sent }>[] = [];
  for (const name of names) crew.push(await settled(transport, conversation.peer(name)));

  let received = 0;
  const seen = new Set<string>();
  const faults: string[] = [];
  const receiving = crew.map(async (peer, at) => {
    const latest = new Map<string, number>();
    const note = (message: ReceivedMessage<string, Sent>, picks: boolean): void => {
      const { to, n } = message.data;
      const key = `${message.sender}#${String(n)}`;
      // In the order of sending, from each sender: what is addressed, and what is addressed to nobody.
      const line = `${message.sender} ${to === undefined ? 'anyone' : 'me'}`;
      if (seen.has(key)) faults.push(`${key} came twice`);
      if (to !== undefined && to !== peer.name)
        faults.push(`${key} for ${to} came to ${peer.name}`);
      if (message.sender === peer.name) faults.push(`${key} came back`);
      if (message.attempt > 1) faults.push(`${key} was taken before`);
      // Whoever picks has chosen another order for what is addressed to nobody.
      if (!(picks && to === undefined) && (latest.get(line) ?? -1) > n)
        faults.push(`${key} came after ${String(latest.get(line))} of ${line}`);
      latest.set(line, n);
      seen.add(key);
      received++;
    };
    try {
      // Some take whatever comes; others pick, by receives with and without predicates.
      if (at % 4 !== 3) {
        for await (const message of peer) if (message.request === 'NOTE') note(message, false);
        return;
      }
      const evenOrMine = (message: { data: unknown; recipient: string | undefined }): boolean =>
        message.recipient !== undefined || (message.data as Sent).n % 2 === 0;
      for (let turn = 0; ; turn++) {
        const picks = turn % 2 === 1;
        const message = await peer.receive(picks ? { where: evenOrMine } : {});
        if (message.request !== 'NOTE') continue;
        if (picks && !evenOrMine(message)) faults.push('a message that the predicate declines');
        note(message, true);
      }
    } catch {
      // The conversation is over.
    }
  });

  const counts = crew.map(() => 0);
  await Promise.all(
    crew.map(async (peer, at) => {
      const share = Math.floor(messages / crew.length) + (at < messages % crew.length ? 1 : 0);
      for (let i = 0; i < share; i++) {
        const n = counts[at]!++;
        const other = names[(at + 1 + Math.floor(random() * peers)) % names.length]!;
        const to = random() < 0.5 ? undefined : other;
        await peer.send('NOTE', { data: { to, n }, ...(to === undefined ? {} : { to }) });
      }
    }),
  );
  await conversation.join();
  expect(faults.slice(0, 5)).toEqual([]);
  expect(received).toBe(messages);
  expect(seen.size).toBe(messages);
  expect(conversation.stats()).toMatchObject({
    sent: messages,
    processed: messages,
    returned: 0,
    undelivered: 0,
    outstanding: 0,
  });
  await conversation.close();
  await Promise.all(receiving);
}

it(
  'P3 among a parent and 64 peers, 100,000 messages are received once, by whom they are for, in order',
  { timeout: 120_000 },
  async () => {
    await crowd(opened(memory()), 64, 100_000, 256, 1);
  },
);

it.each([1, 2, 7])(
  'P3 holds with room for %i in each line',
  { timeout: 60_000 },
  async (capacity) => {
    await crowd(opened(memory()), 9, 5_000, capacity, capacity);
  },
);

it.each([1, 2, 3, 4, 5, 6])(
  'P3 holds whenever messages arrive (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = randomFrom(seed);
    onTestFinished(({ task }) => {
      if (task.result?.state === 'fail') console.log(`seed ${String(seed)}`);
    });
    await crowd(opened(links(shuffled(random))), 6, 600, 1 + (seed % 4), seed);
  },
);
