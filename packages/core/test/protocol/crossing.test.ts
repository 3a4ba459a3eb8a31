import { expect, it } from 'vitest';
import { holdable, links } from './links-transport.js';
import { converse, opened, quiet, refusal, settled } from './support.js';

// What is under way in both directions at once: each of these has one outcome, whatever comes first.

function far() {
  const way = holdable();
  const transport = opened(links(way.schedule));
  return { way, transport, conversation: converse(transport) };
}

it('a message that was given to a receive just given up goes to another, and says so if it is late', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  const c = conversation.peer('c');
  const controller = new AbortController();
  const gone = refusal('ABORTED', b.receive({ signal: controller.signal }));
  await quiet();
  way.hold('both');
  await a.send('1');
  await quiet();
  controller.abort();
  await gone;
  await a.send('2');
  expect(await c.receive()).toMatchObject({ request: '2', attempt: 1 });
  way.release();
  await quiet();
  expect(await c.receive()).toMatchObject({ request: '1', attempt: 2 });
  await a.send('3');
  expect(await c.receive()).toMatchObject({ request: '3', attempt: 1 });
  expect(conversation.stats()).toMatchObject({ sent: 3, processed: 3, returned: 1 });
});

it('two receives get the two messages that cross with their asking, one each', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  await a.send('warm-up', { to: 'b' });
  await b.receive();
  way.hold('to home');
  const got = [b.receive(), b.receive()];
  await a.send('mine', { to: 'b' });
  await quiet();
  await a.send('job');
  way.release();
  const requests = (await Promise.all(got)).map(({ request }) => request);
  expect(requests.sort()).toEqual(['job', 'mine']);
  await conversation.join();
  expect(conversation.stats()).toMatchObject({ returned: 0 });
});

it('a receive that looks for one message sees all there is, although others take from what it was offered', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  const c = conversation.peer('c');
  await a.send('warm-up', { to: 'b' });
  await b.receive();
  for (let n = 0; n < 40; n++) await a.send('n', { data: n });
  await conversation.isEmpty();
  way.hold('from home');
  const wanted = b.receive({ where: ({ data }) => data === 35 });
  await quiet();
  for (let n = 0; n < 20; n++) expect((await c.receive()).data).toBe(n);
  way.release();
  expect((await wanted).data).toBe(35);
  expect((await c.receive()).data).toBe(20);
});

it('a claim that comes too late is denied, and the receive goes on', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  const c = conversation.peer('c');
  const wanted = b.receive({ where: ({ request }) => request === 'x' });
  await quiet();
  way.hold('to home');
  await a.send('x', { data: 1 });
  await quiet();
  // b has seen it and asks for it; c has it.
  expect((await c.receive()).data).toBe(1);
  await a.send('x', { to: 'b', data: 2 });
  await quiet();
  way.release();
  // What was addressed to it meanwhile is as good.
  expect((await wanted).data).toBe(2);
  const next = b.receive({ where: ({ request }) => request === 'x' });
  await a.send('x', { data: 3 });
  expect((await next).data).toBe(3);
  await conversation.join();
  expect(conversation.stats()).toMatchObject({ returned: 0 });
});

it('a look that crosses with addressed mail finds it', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  await a.send('warm-up', { to: 'b' });
  await b.receive();
  way.hold('to home');
  const look = b.tryReceive();
  await a.send('mine', { to: 'b' });
  await quiet();
  way.release();
  expect(await look).toMatchObject({ request: 'mine' });
  await conversation.join();
});

it('a claim that is granted to a receive just given up goes to another', async () => {
  const { way, transport, conversation } = far();
  const a = conversation.peer('a');
  const b = await settled(transport, conversation.peer('b'));
  const controller = new AbortController();
  const gone = refusal('ABORTED', b.receive({ where: () => true, signal: controller.signal }));
  await quiet();
  way.hold('to home');
  await a.send('x');
  await quiet();
  controller.abort();
  await gone;
  way.release();
  await quiet();
  expect(await conversation.peer('c').receive()).toMatchObject({ request: 'x', attempt: 1 });
  await conversation.join();
});
