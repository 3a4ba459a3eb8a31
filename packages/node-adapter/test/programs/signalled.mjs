// A supervisor that stops when the process is told to. Its first line says that it runs; nothing but its workers holds it.
import { defineWorker, Producer, Supervisor } from '@millrace/core';
import { stopOnSignals, workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

const supervised = defineWorker(
  () => import('./workers/supervised.mjs'),
  new URL('./workers/supervised.mjs', import.meta.url),
);
const [stops = 'soon', listens = 'yes'] = process.argv.slice(2);

const transport = workerThreads();
const supervisor = new Supervisor({ deadline: 60_000 });
const group = supervisor.add(
  new Producer(supervised, { transport, count: 2, outbox: 5, args: { stops } }),
);
const before = process.listenerCount('SIGTERM');
const ignore = stopOnSignals(supervisor);
if (listens === 'no') ignore();
const told = [];
group.messages.on((message) => {
  told.push(message);
  if (told.length === 2) console.log('stopping');
});
await supervisor.launch();
console.log('running');
await supervisor.finished();
while (process.listenerCount('SIGTERM') > before) await new Promise(setImmediate);
await end({ told, state: group.state, listeners: process.listenerCount('SIGTERM') - before });
