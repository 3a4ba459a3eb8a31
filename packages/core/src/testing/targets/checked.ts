import type { StandardSchema } from '../../contracts/standard-schema.js';
import { ConsumerEndpoint } from '../../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../../queues/producer-endpoint.js';
import { fail } from '../assert.js';
import { local } from '../case.js';
import type { FarConsumer, FarProducer } from '../far.js';
import type { Fixture, TransportUnderTest } from '../target.js';

/** Any value; and any value, a moment later. */
const ANY: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'millrace', validate: (value) => ({ value }) },
};
const ANY_LATER: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'millrace', validate: async (value) => ({ value }) },
};

/** The same target with endpoints that check what passes them, at once or later: every rule holds for these too. */
export function checkedTarget(
  target: TransportUnderTest,
  when: 'at once' | 'later',
): TransportUnderTest {
  const schema = when === 'at once' ? ANY : ANY_LATER;
  const checks = <E extends FarProducer | FarConsumer>(end: E): E => {
    if (end instanceof ProducerEndpoint || end instanceof ConsumerEndpoint)
      return end.checked(schema) as unknown as E;
    return fail('only endpoints of this process can be told a schema');
  };
  return {
    ...target,
    name: `${target.name}, checked ${when}`,
    local: when === 'at once' && local(target),
    putsLater: when === 'later',
    create: async (options): Promise<Fixture> => {
      const fixture = await target.create(options);
      return {
        ...fixture,
        producer: async (queue) => checks(await fixture.producer(queue)),
        consumer: async (queue) => checks(await fixture.consumer(queue)),
        moveProducer: async (end) =>
          checks(await (fixture.moveProducer?.(end) ?? fail('it cannot hand over'))),
        moveConsumer: async (end) =>
          checks(await (fixture.moveConsumer?.(end) ?? fail('it cannot hand over'))),
      };
    },
  };
}
