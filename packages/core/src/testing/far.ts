import type { PutManyAnswer } from '../queues/put-wait.js';
import type { BatchOptions } from '../queues/gathering.js';
import type { WaitOptions } from '../queues/waits.js';
import type { DeliveryPutOptions } from '../queues/delivery.js';
import type { ItemHeaders, PutAnswer } from '../transport/backend.js';
import type { PutOptions } from '../queues/producer-endpoint.js';

/** A result that may come at once or later: an endpoint in a real thread always answers later. */
export type Soon<T> = T | Promise<T>;

/**
 * What the cases use of a producer endpoint, wherever it is. `ProducerEndpoint` fits as it is; a driver for real workers
 * passes the calls on, and abort signals with them.
 */
export interface FarProducer {
  readonly id: string;
  put(value: unknown, options?: PutOptions): Soon<PutAnswer>;
  tryPut(value: unknown, options?: Omit<PutOptions, keyof WaitOptions>): Soon<boolean>;
  putMany(values: readonly unknown[], options?: WaitOptions): Soon<PutManyAnswer>;
  whenRoom(options?: WaitOptions): Soon<void> | undefined;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What the cases use of a delivery. */
export interface FarDelivery {
  readonly value: unknown;
  readonly attempt: number;
  readonly redelivered: boolean;
  readonly moved: boolean;
  readonly headers: ItemHeaders | undefined;
  ack(): Soon<void>;
  nack(error?: unknown): Soon<void>;
  reject(error?: unknown): Soon<void>;
  put(value: unknown, options?: DeliveryPutOptions): Soon<PutAnswer>;
  tryPut(value: unknown, options?: Pick<DeliveryPutOptions, 'headers'>): Soon<boolean>;
}

/** What the cases use of an iteration. */
export interface FarIterator<Out> {
  next(): Promise<IteratorResult<Out, undefined>>;
  return?(): Promise<IteratorResult<Out, undefined>>;
}

/** What the cases use of a consumer endpoint. */
export interface FarConsumer {
  readonly id: string;
  get(options?: WaitOptions): Promise<unknown>;
  tryGet(): Soon<{ readonly value: unknown } | undefined>;
  takeMany(max: number, options?: Omit<BatchOptions, 'max'>): Promise<unknown[]>;
  items(options?: WaitOptions): FarIterator<unknown>;
  take(count: number, options?: WaitOptions): FarIterator<unknown>;
  deliveries(options?: WaitOptions): FarIterator<FarDelivery>;
  batches(options?: BatchOptions): FarIterator<unknown[]>;
  deliveryBatches(options?: BatchOptions): FarIterator<FarDelivery[]> & { drain(): Soon<void> };
  ack(): Soon<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}
