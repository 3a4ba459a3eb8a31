import { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';
import { show } from '../transport/spec.js';
import { CheckedConsumer } from './checked-consumer.js';
import { CheckedLoop } from './checked-loop.js';
import { CheckedProducer } from './checked-producer.js';
import { Contract } from './contract.js';
import type { StandardSchema } from './standard-schema.js';

/** Where a queue's items are checked: when they are put, when they are taken, or both. */
export type CheckAt = 'put' | 'take' | 'both';

/** What is between the two: a schema's output where it is made when an item is put, and its input elsewhere. */
export type OnTheWay<Out, In, At extends CheckAt> = At extends 'put' ? Out : In;

/** The schema of a queue, and where it holds. */
export class QueueContract {
  private readonly puts: Contract | undefined;
  private readonly takes: Contract | undefined;

  private constructor(schema: StandardSchema<unknown, unknown>, at: CheckAt) {
    // What the consumer makes another value of is not made one before.
    this.puts = at === 'take' ? undefined : new Contract(schema, at === 'both');
    this.takes = at === 'put' ? undefined : new Contract(schema);
  }

  /** Undefined where nothing is to be checked. Throws `BAD_OPTION`. */
  static of({ schema, check }: { readonly schema?: StandardSchema<unknown, unknown> | undefined; readonly check?: CheckAt | undefined }): QueueContract | undefined {
    if (check !== undefined && !(['put', 'take', 'both'] as readonly unknown[]).includes(check))
      throw new MillraceError('BAD_OPTION', `Queue option check is ${show(check)}; it can be "put", "take" or "both".`, { option: 'check', value: check });
    if (schema !== undefined) return new QueueContract(schema, check ?? 'put');
    if (check === undefined) return undefined;
    throw new MillraceError('BAD_OPTION', `Queue option check is ${show(check)}, and there is no schema to check by.`, { option: 'check', value: check });
  }

  producer(backend: ProducerBackend): ProducerBackend {
    return this.puts === undefined ? backend : new CheckedProducer(backend, this.puts);
  }

  consumer(backend: ConsumerBackend): ConsumerBackend {
    const checked = this.takes === undefined ? backend : new CheckedConsumer(backend, this.takes);
    return this.puts === undefined ? checked : new CheckedLoop(checked, this.puts);
  }
}
