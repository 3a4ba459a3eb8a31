import { IterableQueue, type Transport } from '@millrace/core';

import type { StopSignal } from '../shared/run-program.js';
import { Crew } from './crew.js';
import type { Item } from './item.js';
import { Ledger } from './ledger.js';
import { makeReport, type Report } from './report.js';
import { consumerWorker, producerWorker } from './workers.js';

/** What is to be done. */
export interface Job {
  readonly transport: string;
  readonly producers: number;
  readonly consumers: number;
  readonly items: number;
  readonly capacity: number;
  readonly workMs: number;
  readonly killEveryMs: number;
}

/** A job under way. */
export interface Work {
  readonly queue: IterableQueue<Item>;
  readonly ledger: Ledger;
  readonly crew: Crew;
  /** Puts no more, and works off what was put. */
  readonly stop: (signal: StopSignal) => void;
}

/**
 * Does the job to its end on a transport, and closes that. Where it runs is for others to know: in one process, in threads,
 * in processes, in a page.
 *
 * @param attend - called with the work once it is under way; what it returns is called at its end
 */
export async function work(
  job: Job,
  transport: Transport,
  attend: (work: Work) => () => void,
): Promise<Report> {
  const { producers, consumers, items, capacity, workMs, killEveryMs } = job;
  // Nobody else's, also where others could find it by its name; and the producers ask by themselves for what they put to be
  // confirmed, wherever that is.
  const queue = new IterableQueue<Item>({
    transport,
    name: 'items',
    exclusive: true,
    confirm: 'batch',
    capacity,
  });
  await using ledger = await Ledger.open(items);
  const crew = new Crew();
  const begun = performance.now();
  let stopped: StopSignal | undefined;
  let ended = false;
  let inHandAtKill = 0;

  queue.on('endpoint-lost', ({ role, inHand }) => {
    if (role === 'consumer') inHandAtKill += inHand;
  });

  /** A place that outlives its worker: the queue does not end before the slot is closed. */
  const produce = async (producer: number): Promise<void> => {
    const from = Math.floor((items * producer) / producers);
    const to = Math.floor((items * (producer + 1)) / producers);
    const slot = queue.producerSlot();
    let next = from;
    let book = '';
    await crew.fill(
      (turn) => {
        const name = `producer-${String(producer + 1)}.${String(turn)}`;
        book = ledger.bookFor(name);
        return transport.start(
          producerWorker,
          { out: slot, book, producer, from: next, to },
          { name },
        );
      },
      async () => {
        await ledger.readToEnd(book);
        next = ledger.firstNotOffered(next, to);
        return stopped === undefined && next < to;
      },
    );
    slot.close();
  };

  const consume = async (consumer: number): Promise<void> => {
    const slot = queue.consumerSlot();
    let book = '';
    await crew.fill(
      (turn) => {
        const name = `consumer-${String(consumer + 1)}.${String(turn)}`;
        book = ledger.bookFor(name);
        return transport.start(consumerWorker, { source: slot, book, workMs }, { name });
      },
      async () => {
        await ledger.readToEnd(book);
        return !ended;
      },
    );
    slot.close();
  };

  const stopKilling = killEveryMs > 0 ? every(killEveryMs, () => crew.killOne()) : () => {};
  const leave = attend({
    queue,
    ledger,
    crew,
    stop: (signal) => {
      stopped = signal;
      stopKilling();
      crew.stop();
    },
  });
  try {
    const jobs = [
      ...Array.from({ length: consumers }, (_, i) => consume(i)),
      ...Array.from({ length: producers }, (_, i) => produce(i)),
    ];
    // All slots are open by now: nothing else will put, and the queue ends by itself.
    queue.close();
    const end = queue.ended().then(() => {
      ended = true;
      stopKilling();
    });
    await Promise.all([...jobs, end]);
  } finally {
    stopKilling();
    leave();
    await transport.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  return makeReport(job, await ledger.audit(), {
    killed: crew.killed,
    inHandAtKill,
    seconds,
    stopped,
  });
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}
