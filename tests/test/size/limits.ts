/**
 * What of the packages an app loads before it does anything, in kB (1,000 bytes), minified and compressed by Brotli. Each part
 * is about what is saved if its modules are left out; together they are what was reached, rounded up.
 */
export interface Limit {
  /** The file in this folder that takes it. */
  readonly app: string;
  /** 8 kB are a queue's two endpoints: put and get, iterations, batches, deliveries, and every wait's signal and time-out. */
  readonly over8: readonly (readonly [kB: number, reason: string])[];
}

export const limits: readonly Limit[] = [
  {
    app: 'page',
    over8: [
      [22, 'all that the page with ports takes over 8, as below'],
      [
        22,
        'queues in shared memory: their state and its lock, who waits and is woken, what is repaired when a worker dies, values',
      ],
      [0.5, 'items of a block that a batch takes, acknowledges and gives back as one'],
      [
        0.5,
        'what is on its way to an endpoint in shared memory that is handed over, which goes along',
      ],
    ],
  },
  {
    app: 'page-ports',
    over8: [
      [
        5.5,
        'the home of queues: bounds, overflow, gate, redelivery, dead letters, epochs, joins, why it does not end',
      ],
      [
        4,
        'the home of endpoints that are in workers: credits, blocks, recalls, what a dead worker had, all of it at once',
      ],
      [
        4,
        'Consumer: start, messages, restarts, watchdog, stop, drain, feeds of results and messages',
      ],
      [
        2.5,
        'schemas, of items and messages: they are given by an option and by methods, so that no bundler can tell',
      ],
      [
        2,
        'values: judged at put, by the path to what cannot be copied; errors with their causes across workers',
      ],
      [0.5, 'columns: numbers, and objects with the same fields, cross as a few arrays'],
      [0.5, 'another channel, if there is one; buffers of copies, which serve again'],
      [1, 'a worker, as its host sees it: arguments, channel, its end'],
      [
        2,
        'browserWorkers(): the Web Worker, its lock and its links, and what can be wrong, by code and cure',
      ],
    ],
  },
  {
    app: 'worker',
    over8: [
      [
        6.5,
        'endpoints whose queue is elsewhere: credits, blocks, what is fetched ahead and given back',
      ],
      [2.5, 'schemas, of items: an endpoint can be told one at any time'],
      [0.5, 'what a batch takes as one, as in a page'],
      [2, 'values and errors, as in a page'],
      [0.5, 'columns, as in a page'],
      [
        1,
        'shared memory, as far as to load it when the first endpoint in it comes; buffers, as in a page',
      ],
      [
        1.5,
        "the worker's side: loads its module, tells its host how it went; links, and which of them end together",
      ],
    ],
  },
  {
    app: 'queue',
    over8: [
      [5.5, 'the home of queues, as in a page'],
      [2.5, 'schemas, of items'],
      [0.5, 'batches of what comes as one'],
      [2, 'values: of a queue that copies them, and of the arguments of workers'],
      [2.5, 'memory(), which can start workers too'],
    ],
  },
];
