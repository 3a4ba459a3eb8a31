// Something fails, and who hears of it depends on the argument. Says what was heard; ends with code 1 when nobody did.
import { defineWorker, memory, Producer, Supervisor } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

const [transportName, how] = process.argv.slice(2);
const fails = defineWorker(
  () => import('./workers/fails.mjs'),
  new URL('./workers/fails.mjs', import.meta.url),
);
const transport = transportName === 'memory' ? memory() : workerThreads();
const producer = new Producer(fails, { transport, name: 'fails', onError: 'stop' });
const supervisor = new Supervisor();
const say = (by) => (error) => console.log(`${by}: ${(error.error ?? error).code}`);

if (how === 'listener-throws') {
  const fine = new Producer(fails, { transport, outbox: 1 });
  fine.on('state', () => {
    throw new TypeError('a listener threw');
  });
  fine.on('state', ({ state }) => console.log(state));
  await fine.start();
  await fine.stop();
} else {
  if (how.startsWith('supervised')) supervisor.add(producer);
  if (how === 'supervised-event') supervisor.on('failure', say('event'));
  if (how === 'event') producer.on('failure', say('event'));
  if (how === 'event-left') producer.on('failure', say('event'))();
  const finished = how === 'finished' ? producer.start().then(() => producer.finished()) : producer.start();
  if (how === 'supervised-finished') void finished.then(() => supervisor.finished()).catch(say('finished'));
  await finished.catch(say('finished'));
  if (how === 'get') {
    await producer.get();
    await producer.get().catch(() => undefined);
    await producer.get().catch(say('get'));
  }
}
