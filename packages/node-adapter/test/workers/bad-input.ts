import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface BadInputArgs {
  /** Takes an item after each attempt, to show that its queue goes on. */
  readonly out: ProducerEndpoint<unknown>;
  /** Of a queue that demands redelivery. */
  readonly strict: ProducerEndpoint<unknown>;
  /** Of a queue that is full and stays so. */
  readonly full: ProducerEndpoint<unknown>;
  /** Of a queue with two items. */
  readonly source: ConsumerEndpoint<unknown>;
  readonly closedOut: ProducerEndpoint<unknown>;
  readonly closedSource: ConsumerEndpoint<unknown>;
}

export interface Refusal {
  readonly code: unknown;
  readonly message: string;
  readonly path: unknown;
  readonly option: unknown;
}

type Act = () => unknown;

/** Does everything wrong that can be done with an endpoint, and reports how each was refused. */
export default async function badInput(
  args: BadInputArgs,
): Promise<Record<string, Refusal | string>> {
  const { out, strict, full, source, closedOut, closedSource } = args;
  await closedOut.close();
  await closedSource.close();
  // As a program without types would.
  const loose = out as unknown as Record<string, (value?: unknown, options?: unknown) => unknown>;
  const looseSource = source as unknown as Record<
    string,
    (value?: unknown, options?: unknown) => unknown
  >;
  const cyclic: { list: unknown[]; self?: unknown } = { list: [1, { deep: () => 1 }] };
  cyclic.self = cyclic;
  const gone = new Uint8Array(8);
  structuredClone(gone, { transfer: [gone.buffer] });
  const whole = new Uint8Array([1, 2, 3]);
  const deliveries = source.deliveries();
  const acked = (await deliveries.next()).value;
  acked?.ack();
  const nacked = (await deliveries.next()).value;
  nacked?.nack();
  await deliveries.return?.call(deliveries);

  const acts: Record<string, Act> = {
    'a function': () => out.put(() => 1),
    'a symbol': () => out.put(Symbol('mark')),
    'a function within': () => out.put({ a: [1, { f: () => 1 }] }),
    'a leaf of a cycle': () => out.put(cyclic),
    'a getter that throws': () =>
      out.put({
        get broken() {
          throw new Error('no');
        },
      }),
    'a buffer that was moved away': () => out.put({ gone }),
    'tried with a function': () => out.tryPut({ f: () => 1 }),
    'the second of many': () => out.putMany([1, { f: () => 1 }, 3]),
    'a closed producer': () => closedOut.put(1),
    'a closed producer, tried': () => closedOut.tryPut(1),
    'a closed producer, many': () => closedOut.putMany([1, 2]),
    'a closed consumer': () => closedSource.get(),
    'a closed consumer, tried': () => closedSource.tryGet(),
    'a closed consumer, iterated': () => closedSource.items().next(),
    'put after abort': () => out.put(1, { signal: AbortSignal.abort() }),
    'many put after abort': () => out.putMany([1, 2], { signal: AbortSignal.abort() }),
    'get after abort': () => source.get({ signal: AbortSignal.abort() }),
    'iterated after abort': () => source.items({ signal: AbortSignal.abort() }).next(),
    'a time-out of -1': () => out.put(1, { timeout: -1 }),
    'a time-out of NaN': () => full.put(1, { timeout: NaN }),
    'a time-out of text': () => loose['put']?.(1, { timeout: '5' }),
    'a get with a bad time-out': () => source.get({ timeout: -1 }),
    'an iteration with a bad time-out': () => source.items({ timeout: NaN }).next(),
    'no item at all': () => source.takeMany(0),
    'half an item': () => source.take(1.5),
    'a batch of nothing': () => source.batches({ max: NaN }),
    'a batch within less than nothing': () => source.batches({ within: -1 }),
    'a time-out that passes': () => full.put(1, { timeout: 1 }),
    'a transfer that is refused': () => strict.put(whole, { transfer: [whole.buffer] }),
    'a transfer of what cannot be moved': () => out.put({ a: 1 }, { transfer: [{}] }),
    'a transfer of what is gone': () => out.put(1, { transfer: [gone.buffer] }),
    'a transfer that a function goes with': () =>
      out.put({ whole, f: () => 1 }, { transfer: [whole.buffer] }),
    'a get from a producer': () => loose['get']?.(),
    'a put into a consumer': () => looseSource['put']?.(1),
    'an ack after a nack': () => nacked?.ack(),
    'a nack after an ack': () => acked?.nack(),
    'a put of a settled delivery': () => acked?.put(1),
  };
  const refusals: Record<string, Refusal | string> = {};
  for (const [name, act] of Object.entries(acts)) {
    refusals[name] = await refusal(act);
    await out.put(name);
  }
  refusals['left whole'] = [...whole].join();
  return refusals;
}

async function refusal(act: Act): Promise<Refusal | string> {
  try {
    return `gave ${String(await act())}`;
  } catch (error) {
    const { code, message, details } = error as Error & {
      code?: unknown;
      details?: Record<string, unknown>;
    };
    return { code, message, path: details?.['path'], option: details?.['option'] };
  }
}
