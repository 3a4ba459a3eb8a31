import { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';
import { show } from '../transport/spec.js';
import { CheckedConsumer } from './checked-consumer.js';
import { CheckedProducer } from './checked-producer.js';
import { ConsumerRelay } from './consumer-relay.js';
import { checkSchema, Contract } from './contract.js';
import type { StandardSchema } from './standard-schema.js';
import { uncheckedConsumer, uncheckedProducer } from './unchecked.js';

/** Where a queue's items are checked: when they are put, when they are taken, or both. */
export type CheckAt = 'put' | 'take' | 'both';

/** What is between the two: a schema's output where it is made when an item is put, and its input elsewhere. */
export type OnTheWay<Out, In, At extends CheckAt> = At extends 'put' ? Out : In;

/** What a queue demands of its items, and where. */
export class QueueContract {
  readonly at: CheckAt;
  private readonly schema: StandardSchema<unknown, unknown> | undefined;

  private constructor(at: CheckAt, schema: StandardSchema<unknown, unknown> | undefined) {
    this.at = at;
    this.schema = schema;
  }

  /** Undefined where nothing is to be checked. Throws `BAD_OPTION`. */
  static of({ schema, check }: { readonly schema?: StandardSchema<unknown, unknown> | undefined; readonly check?: CheckAt | undefined }): QueueContract | undefined {
    if (check !== undefined && !(['put', 'take', 'both'] as readonly unknown[]).includes(check))
      throw new MillraceError('BAD_OPTION', `Queue option check is ${show(check)}; it can be "put", "take" or "both".`, { option: 'check', value: check });
    if (schema !== undefined) return new QueueContract(check ?? 'put', checkSchema(schema));
    if (check === undefined) return undefined;
    throw new MillraceError('BAD_OPTION', `Queue option check is ${show(check)}, and there is no schema to check by.`, { option: 'check', value: check });
  }

  /** Of an endpoint that has left its schema behind. */
  static without(at: CheckAt): QueueContract {
    return new QueueContract(at, undefined);
  }

  /** Whether the schema is here. */
  get isKnown(): boolean {
    return this.schema !== undefined;
  }

  with(schema: StandardSchema<unknown, unknown>): QueueContract {
    return new QueueContract(this.at, checkSchema(schema));
  }

  producer(backend: ProducerBackend): ProducerBackend {
    const { at, schema } = this;
    if (at === 'take') return backend;
    if (schema === undefined) return uncheckedProducer(backend);
    // What the consumer makes another value of is not made one before.
    return new CheckedProducer(backend, new Contract(schema, at === 'both'));
  }

  consumer(backend: ConsumerBackend): ConsumerBackend {
    const { at, schema } = this;
    if (schema === undefined) return at === 'put' ? new Loop(backend, this) : uncheckedConsumer(backend);
    const checked = at === 'put' ? backend : new CheckedConsumer(backend, new Contract(schema));
    return at === 'take' ? checked : new Loop(checked, this);
  }
}

/** A consumer whose deliveries put items that are to be checked: see `delivery.put`. */
class Loop extends ConsumerRelay {
  private readonly contract: QueueContract;
  private looping: ProducerBackend | undefined;

  constructor(inner: ConsumerBackend, contract: QueueContract) {
    super(inner);
    this.contract = contract;
  }

  override loop(): ProducerBackend {
    return (this.looping ??= this.contract.producer(this.inner.loop()));
  }
}
