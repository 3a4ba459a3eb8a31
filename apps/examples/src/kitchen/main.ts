/**
 * Cooks and customers over Redis: two topics, each with cooks and customers at rhythms of their own, all of them processes,
 * under a supervisor. At SIGTERM the cooks stop, the customers eat what is there, and everything ends. Cooks alone and
 * customers alone may be started on other machines. `--help` lists the options.
 */
import { randomUUID } from 'node:crypto';

import { Consumer, defineWorker, IterableQueue, Producer, Supervisor, type Transport } from '@millrace/core';
import { topic } from '@millrace/redis-adapter';

import { count } from '../shared/numbers.js';
import { onStopSignal, runProgram, type StopSignal } from '../shared/run-program.js';
import { openRedis } from '../shared/transports.js';
import type { Dish } from './dish.js';
import { type Course, menu } from './menu.js';
import { type Options, parseOptions, usage } from './options.js';
import { Tally } from './tally.js';

const CAPACITY = 100;
/** How long customers may take, in ms, to eat what is there when everything is to end. What is left then stays. */
const LAST_ORDERS_MS = 20_000;
const LINE_MS = 1000;

const cookFile = defineWorker(() => import('./cook.js'), new URL('./cook.js', import.meta.url));
const customerFile = defineWorker(() => import('./customer.js'), new URL('./customer.js', import.meta.url));
const restart = { limit: 5, backoff: { min: 100, max: 5000 } };

/** A dish's queue, and those here who cook and eat it. */
function lay(transport: Transport, supervisor: Supervisor, run: string, course: Course, { role, table, dishes }: Options) {
  const { dish } = course;
  // The same queue for everybody who gives the same table and dish; it stays when all have left.
  const queue = new IterableQueue<Dish>({ transport, name: topic(table, dish), capacity: CAPACITY });
  const tally = new Tally(run);
  const eaters =
    role === 'cook'
      ? undefined
      : supervisor.add(
          new Consumer(customerFile, {
            transport,
            name: `${dish} customers`,
            count: course.customers,
            input: queue,
            batchSize: course.atOnce,
            interval: course.patienceMs,
            args: { eatingMs: course.eatingMs },
            restart,
          }),
        );
  const cooks =
    role === 'customer'
      ? undefined
      : supervisor.add(
          new Producer(cookFile, {
            transport,
            name: `${dish} cooks`,
            count: course.cooks,
            outbox: false,
            interval: course.cookingMs,
            args: { run, dish, dishes },
            restart,
          }),
        );
  cooks?.subscribe(queue);
  cooks?.messages.on((id) => tally.cook(id));
  eaters?.results.on(({ ids, redelivered }) => tally.eat(ids, redelivered));
  const sum = async () => ({ dish, ...tally.sum((await queue.stats()).size) });
  return { cooks, eaters, sum };
}

async function serve(options: Options) {
  const { role, table } = options;
  const transport = await openRedis(options);
  const supervisor = new Supervisor({ deadline: LAST_ORDERS_MS });
  const run = randomUUID();
  let stopListening = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    supervisor.on('failure', ({ worker, error }) => process.stderr.write(`${worker}: ${error.code}: ${error.message}\n`));
    const courses = menu.map((course) => lay(transport, supervisor, run, course, options));
    const cooks = courses.flatMap((course) => course.cooks ?? []);
    const eaters = courses.flatMap((course) => course.eaters ?? []);
    const told = new Promise<StopSignal>((resolve) => {
      stopListening = onStopSignal(resolve);
    });
    const launched = supervisor.launch();
    // What was begun is ended in any case.
    await Promise.race([launched, told]);
    timer = setInterval(() => void report(courses).catch(() => undefined), LINE_MS);
    // Customers alone go on for ever, and so do cooks whom nobody has told how much to cook.
    const done = cooks.length === 0 ? told : Promise.all(cooks.map((group) => group.finished())).then(() => null);
    const stopped = await Promise.race([told, done]);
    await launched.catch(() => undefined);
    await Promise.all(cooks.map((group) => group.stop()));
    if (role === 'all') await lastOrders(eaters);
    // What they have in hand, alone: the rest is for others, here or elsewhere, now or later.
    await supervisor.stop();
    const topics = await Promise.all(courses.map(({ sum }) => sum()));
    return { role, table, topics, stopped };
  } finally {
    clearInterval(timer);
    stopListening();
    await supervisor.stop().catch(() => undefined);
    await transport.close();
  }
}

/** Customers eat what is there, and leave. */
async function lastOrders(eaters: readonly { stopAtQueueEnd(): Promise<void> }[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_ORDERS_MS);
  });
  await Promise.race([Promise.all(eaters.map((group) => group.stopAtQueueEnd())), late]);
  clearTimeout(timer);
}

async function report(courses: readonly { readonly sum: () => Promise<Sum> }[]): Promise<void> {
  const sums = await Promise.all(courses.map((course) => course.sum()));
  process.stderr.write(`${sums.map(line).join('; ')}\n`);
}

type Sum = { readonly dish: string } & ReturnType<Tally['sum']>;

function line({ dish, cooked, eaten, left }: Sum): string {
  return `${dish}: ${count(cooked)} cooked, ${count(eaten)} eaten, ${count(left)} on the table`;
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const served = await serve(options);
  for (const sum of served.topics) process.stdout.write(`${line(sum)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(served)}\n`);
  // Where others eat as well, what is missing here is theirs.
  const missing = options.role === 'all' ? served.topics.reduce((total, sum) => total + sum.missing, 0) : 0;
  if (missing > 0) process.stderr.write(`Error: ${count(missing)} dishes were cooked and are nowhere.\n`);
  return missing > 0 ? 1 : 0;
});
