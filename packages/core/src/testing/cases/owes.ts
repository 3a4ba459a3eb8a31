import { hasCode } from '../../errors/error.js';
import { IterableQueue } from '../../queues/iterable-queue.js';
import { ReadyQueue } from '../../queues/ready-queue.js';
import { equal, fails, ok } from '../assert.js';
import { type CaseSpec, timed } from '../case.js';

/** T2 the manifest, T8 errors, T9 time. */
export const owes: CaseSpec[] = [
  {
    rule: 'T2',
    name: 'the manifest is frozen, whole, and the same each time',
    run: async (t) => {
      const { transport } = t.fixture;
      const { manifest } = transport;
      ok(transport.manifest === manifest, 'another manifest each time');
      for (const part of [manifest, manifest.acknowledge, manifest.overflow])
        ok(Object.isFrozen(part), 'a part of it is not frozen');
      const fields = ['isolation', 'durable', 'confirms', 'values', 'transfer', 'acknowledge', 'overflow', 'ordering', 'largestValue', 'leaseWhileBlocked']; // prettier-ignore
      for (const field of fields) ok(field in manifest, `it says nothing about ${field}`);
      equal({ ...manifest }, { ...t.target.manifest }, 'the manifest, and that of the target');
    },
  },
  {
    rule: 'T2',
    name: 'what the manifest lacks is a coded error that names transport and option',
    run: async (t) => {
      const { transport } = t.fixture;
      const poor = Object.freeze({
        ...transport,
        name: 'poor-one',
        manifest: Object.freeze({
          ...transport.manifest,
          overflow: Object.freeze(['wait'] as const),
          acknowledge: Object.freeze(['on-done'] as const),
          gate: false,
        }),
      });
      await fails(() => new ReadyQueue({ transport: poor }), 'CAPABILITY_MISSING', 'a gate');
      for (const [option, value] of [
        ['overflow', 'drop-oldest'],
        ['acknowledge', 'on-take'],
      ] as const) {
        // prettier-ignore
        const error = await fails(() => new IterableQueue({ transport: poor, [option]: value }), 'CAPABILITY_MISSING', option);
        for (const part of ['poor-one', option, value])
          ok(error.message.includes(part), `the error does not name ${part}: ${error.message}`);
        equal(
          [error.details['transport'], error.details['option']],
          ['poor-one', option],
          'details',
        );
      }
      for (const overflow of ['wait', 'drop-oldest', 'drop-newest'] as const)
        if (!transport.manifest.overflow.includes(overflow))
          await fails(() => t.queue({ overflow }), 'CAPABILITY_MISSING', overflow);
    },
  },
  {
    rule: 'T2',
    name: 'an option with a value that it cannot have is a coded error that names it',
    run: async (t) => {
      for (const [option, value] of [
        ['overflow', 'block'],
        ['acknowledge', 'later'],
        ['confirm', 'never'],
        ['redelivery', 'yes'],
      ] as const) {
        // prettier-ignore
        const error = await fails(() => t.queue({ [option]: value }), 'BAD_OPTION', option);
        ok(
          error.message.includes(option) && error.message.includes(value),
          `the error does not name the place: ${error.message}`,
        );
      }
    },
  },
  {
    rule: 'T8',
    name: 'errors have a code, say what was wrong and where, and are Errors',
    run: async (t) => {
      const { queue, producer, consumer } = await t.pair({ capacity: 1, name: 'named' });
      queue.close();
      await t.given(t.op('close', () => producer.close()));
      const errors = [
        await fails(() => queue.producer(), 'QUEUE_CLOSED', 'producer()'),
        await fails(() => producer.put(1), 'ENDPOINT_CLOSED', 'put'),
        await fails(() => consumer.get(), 'QUEUE_ENDED', 'get'),
      ];
      for (const error of errors) {
        ok(error instanceof Error, 'not an Error');
        ok(error.message.includes('named'), `the error does not name the queue: ${error.message}`);
        ok(typeof error.stack === 'string' && error.name !== '', 'no stack, or no name');
        ok(hasCode(error, 'QUEUE_CLOSED') === (error === errors[0]), 'hasCode');
      }
    },
  },
  {
    rule: 'T9',
    name: "time is the transport's runtime: nothing passes while its clock stands still",
    when: timed,
    run: async (t) => {
      ok(t.fixture.transport.runtime === t.fixture.clock, 'the transport has a clock of its own');
      const { consumer } = await t.pair({ capacity: 1 });
      const get = t.op('get', () => consumer.get({ timeout: 1 }));
      for (let turn = 0; turn < 20; turn++) await t.waits(get);
      await t.advance(1);
      await t.refused(get, 'TIMED_OUT');
    },
  },
];
