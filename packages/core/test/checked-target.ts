import { ConsumerEndpoint, ProducerEndpoint, type StandardSchema } from '@millrace/core';
import type { FarConsumer, FarProducer, Fixture, TransportUnderTest } from '@millrace/core/testing';

export interface Schemas {
  readonly name: string;
  readonly put: StandardSchema<unknown, unknown>;
  readonly take: StandardSchema<unknown, unknown>;
}

/** The same transport with endpoints that check what passes: every rule holds for them too. */
export function checkedTarget(
  target: TransportUnderTest,
  schemas: Schemas,
  local: boolean,
): TransportUnderTest {
  const producer = (end: FarProducer): FarProducer =>
    end instanceof ProducerEndpoint ? end.checked(schemas.put) : end;
  const consumer = (end: FarConsumer): FarConsumer =>
    end instanceof ConsumerEndpoint ? end.checked(schemas.take) : end;
  return {
    ...target,
    name: `${target.name}, ${schemas.name}`,
    local,
    create: async (options): Promise<Fixture> => {
      const fixture = await target.create(options);
      const { moveProducer, moveConsumer } = fixture;
      return {
        ...fixture,
        producer: async (queue) => producer(await fixture.producer(queue)),
        consumer: async (queue) => consumer(await fixture.consumer(queue)),
        ...(moveProducer === undefined
          ? {}
          : { moveProducer: async (end) => producer(await moveProducer(end)) }),
        ...(moveConsumer === undefined
          ? {}
          : { moveConsumer: async (end) => consumer(await moveConsumer(end)) }),
      };
    },
  };
}
