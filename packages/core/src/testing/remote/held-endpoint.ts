import { packErrors } from '../../channels/values/errors.js';
import type { Port } from '../../runtime/runtime.js';
import type { WorkerHandle } from '../../workers/handle.js';
import type { FarConsumer, FarDelivery, FarIterator, FarProducer } from '../far.js';
import type {
  Answer,
  Call,
  DeliveryName,
  FromEndpoint,
  IteratorName,
  Pong,
  Reason,
} from './rpc.js';

/** An endpoint in a worker, as the host's tests use it. */
export class HeldEndpoint {
  readonly id: string;
  readonly handle: WorkerHandle<void>;
  private readonly port: Port;
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  private readonly pings = new Map<number, (pong: Pong) => void>();
  private calls = 0;
  private gone = false;

  constructor(id: string, handle: WorkerHandle<void>, port: Port) {
    this.id = id;
    this.handle = handle;
    this.port = port;
    port.onmessage = ({ data }) => {
      this.hear(data as FromEndpoint);
    };
    port.unref?.();
    void handle.exit.then(() => {
      this.end();
    });
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.callOn<T>(0, method, args);
  }

  callOn<T>(on: number, method: string, args: unknown[]): Promise<T> {
    const { signal, plain } = takeSignal(args);
    const n = ++this.calls;
    const result = this.post<T>(n, on, method, plain, signal);
    return signal === undefined ? result : this.abortable(n, signal, result);
  }

  /** Opens an iteration, whose every wait is then to be made `abortable` with the number that is answered. */
  open(
    method: string,
    args: unknown[],
  ): { n: number; signal: AbortSignal | undefined; opened: Promise<IteratorName> } {
    const { signal, plain } = takeSignal(args);
    const n = ++this.calls;
    return {
      n,
      signal,
      opened: this.post<IteratorName>(n, 0, method, plain, signal),
    };
  }

  /** Passes an abort on while the call is under way. */
  abortable<T>(n: number, signal: AbortSignal, result: Promise<T>): Promise<T> {
    const abort = (): void => {
      this.port.postMessage({ abort: n, reason: signal.reason });
    };
    signal.addEventListener('abort', abort);
    // An iteration's may have fired between two of its waits.
    if (signal.aborted) abort();
    return result.finally(() => {
      signal.removeEventListener('abort', abort);
    });
  }

  private post<T>(
    n: number,
    on: number,
    method: string,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.gone) return Promise.reject(lost(this.id));
    const result = new Promise<T>((resolve, reject) => {
      this.waiting.set(n, { resolve: resolve as (value: unknown) => void, reject });
    });
    const call: Call = { n, on, method, args, ...(signal === undefined ? {} : { signal: n }) };
    // One that has fired has done so before the call is made there, too.
    if (signal?.aborted === true) this.port.postMessage({ abort: n, reason: signal.reason });
    this.port.postMessage(call);
    return result;
  }

  /** Resolves when the worker has handled everything posted to it before; undefined when it is gone. */
  ping(): Promise<Pong | undefined> {
    if (this.gone) return Promise.resolve(undefined);
    const ping = ++this.calls;
    return new Promise((resolve) => {
      this.pings.set(ping, resolve);
      this.port.postMessage({ ping });
    });
  }

  end(): void {
    if (this.gone) return;
    this.gone = true;
    for (const { reject } of this.waiting.values()) reject(lost(this.id));
    for (const resolve of this.pings.values()) resolve({ pong: 0, traffic: 0 });
    this.waiting.clear();
    this.pings.clear();
    this.port.close();
  }

  private hear(message: FromEndpoint): void {
    if ('pong' in message) {
      this.pings.get(message.pong)?.(message);
      this.pings.delete(message.pong);
      return;
    }
    const waiting = this.waiting.get(message.n);
    this.waiting.delete(message.n);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(errorOf(message.error));
  }
}

/** The options' signal stays here: it cannot cross. */
function takeSignal(args: unknown[]): { signal: AbortSignal | undefined; plain: unknown[] } {
  const last: unknown = args.at(-1);
  const signal =
    typeof last === 'object' && last !== null
      ? (last as { signal?: AbortSignal }).signal
      : undefined;
  if (signal === undefined) return { signal: undefined, plain: args };
  return { signal, plain: [...args.slice(0, -1), { ...(last as object), signal: undefined }] };
}

function errorOf({ code, message, details, cause }: NonNullable<Answer['error']>): Error {
  return Object.assign(new Error(message), { code, details, cause });
}

function lost(id: string): Error {
  return Object.assign(new Error(`The worker of ${id} is gone.`), { code: 'ENDPOINT_LOST' });
}

export function farProducer(end: HeldEndpoint): FarProducer {
  return {
    id: end.id,
    put: (...args) => end.call('put', ...args),
    tryPut: (...args) => end.call('tryPut', ...args),
    putMany: (...args) => end.call('putMany', ...args),
    whenRoom: (...args) => end.call('whenRoom', ...args),
    flush: () => end.call('flush'),
    close: () => end.call('close'),
  };
}

export function farConsumer(end: HeldEndpoint): FarConsumer {
  return {
    id: end.id,
    get: (...args) => end.call('get', ...args),
    tryGet: () => end.call('tryGet'),
    takeMany: (...args) => end.call('takeMany', ...args),
    items: (...args) => farIterator(end, 'items', args),
    take: (...args) => farIterator(end, 'take', args),
    batches: (...args) => farIterator(end, 'batches', args),
    deliveries: (...args) => deliveries(end, farIterator<DeliveryName>(end, 'deliveries', args)),
    deliveryBatches: (...args) => deliveryBatches(end, args),
    ack: () => end.call('ack'),
    flush: () => end.call('flush'),
    close: () => end.call('close'),
  };
}

function farIterator<Out>(
  end: HeldEndpoint,
  method: string,
  args: unknown[],
): FarIterator<Out> & { drain(): Promise<void> } {
  const { n, signal, opened } = end.open(method, args);
  opened.catch(() => undefined);
  const next = async (): Promise<IteratorResult<Out>> =>
    end.callOn((await opened).iterator, 'next', []);
  return {
    next: () => (signal === undefined ? next() : end.abortable(n, signal, next())),
    return: async () => end.callOn((await opened).iterator, 'return', []),
    drain: async () => end.callOn((await opened).iterator, 'drain', []),
  };
}

function deliveryBatches(
  end: HeldEndpoint,
  args: unknown[],
): ReturnType<FarConsumer['deliveryBatches']> {
  const names = farIterator<DeliveryName[]>(end, 'deliveryBatches', args);
  return {
    next: async () => {
      const step = await names.next();
      return step.done === true
        ? step
        : { done: false, value: step.value.map((name) => delivery(end, name)) };
    },
    return: async () => {
      await names.return?.();
      return { done: true, value: undefined };
    },
    drain: () => names.drain(),
  };
}

function deliveries(end: HeldEndpoint, names: FarIterator<DeliveryName>): FarIterator<FarDelivery> {
  return {
    next: async () => {
      const step = await names.next();
      return step.done === true ? step : { done: false, value: delivery(end, step.value) };
    },
    return: async () => {
      await names.return?.();
      return { done: true, value: undefined };
    },
  };
}

function delivery(end: HeldEndpoint, name: DeliveryName): FarDelivery {
  const { value, attempt, redelivered, moved, headers } = name;
  return {
    value,
    attempt,
    redelivered,
    moved,
    headers,
    ack: () => end.callOn(name.delivery, 'ack', []),
    nack: (error) =>
      end.callOn(name.delivery, 'nack', [{ reason: packErrors(error) } satisfies Reason]),
    reject: (error) =>
      end.callOn(name.delivery, 'reject', [{ reason: packErrors(error) } satisfies Reason]),
    put: (...args) => end.callOn(name.delivery, 'put', args),
    tryPut: (...args) => end.callOn(name.delivery, 'tryPut', args),
  };
}
