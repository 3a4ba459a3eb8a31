import {
  type ConsumerEndpoint,
  defineWorker,
  IterableQueue,
  type ProducerEndpoint,
  type Transport,
  type WorkerFunction,
} from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './support.js';

const echo = defineWorker(
  () => import('./workers/echo.js'),
  new URL('./workers/echo.ts', import.meta.url),
);
const returns = defineWorker<WorkerFunction<unknown, unknown>>(
  () => import('./workers/returns.js'),
  new URL('./workers/returns.ts', import.meta.url),
);

let transport: Transport;
let there: ProducerEndpoint<unknown>;
let back: ConsumerEndpoint<unknown>;
let here: IterableQueue<unknown>;

beforeAll(() => {
  transport = workerThreads();
  const sent = new IterableQueue<unknown>({ transport });
  const returned = new IterableQueue<unknown>({ transport });
  here = new IterableQueue<unknown>({ transport });
  transport.start(echo, { source: sent.consumer(), out: returned.producer() });
  there = sent.producer();
  back = returned.consumer();
});

afterAll(() => transport.close());

class HttpError extends Error {
  readonly status: number;
  readonly code = 'E_HTTP';

  constructor(status: number, options?: ErrorOptions) {
    super(`status ${String(status)}`, options);
    this.name = 'HttpError';
    this.status = status;
  }
}

const errors = {
  plain: () => new Error('plain'),
  'without a message': () => new Error(),
  'with a cause': () =>
    new TypeError('outer', { cause: new RangeError('inner', { cause: 'innermost' }) }),
  'with a cause that is undefined': () => new Error('outer', { cause: undefined }),
  'with a code and fields': () =>
    Object.assign(new Error('no file'), {
      code: 'ENOENT',
      errno: -2,
      where: { path: ['a', 'b'] },
      at: new Date(7),
      big: 1n,
    }),
  'of a class': () => new HttpError(404, { cause: new SyntaxError('bad reply') }),
  'with fields that are errors': () =>
    Object.assign(new Error('outer'), { first: new URIError('u'), list: [new EvalError('e')] }),
  'that is its own cause': () => {
    const error: Error & { own?: unknown } = new Error('round');
    error.cause = error;
    error.own = { error };
    return error;
  },
  AggregateError: () =>
    new AggregateError(
      [new TypeError('one'), Object.assign(new Error('two'), { code: 2 }), 'three'],
      'all',
    ),
  'of the system': () => {
    try {
      process.chdir('/there/is/no/such/folder');
      return new Error('there is such a folder');
    } catch (error) {
      return error as Error;
    }
  },
} satisfies Record<string, () => Error>;
const names = Object.keys(errors) as (keyof typeof errors)[];

/** Everything that an error is to keep, as plain data, cycles cut. */
function described(value: unknown, seen: unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.includes(value)) return `as before: ${String(seen.indexOf(value))}`;
  seen.push(value);
  if (value instanceof Date) return { date: value.getTime() };
  if (Array.isArray(value)) return value.map((field) => described(field, seen));
  if (!(value instanceof Error))
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key, described(field, seen)]),
    );
  const { name, message, stack } = value;
  const own = Object.getOwnPropertyNames(value).filter(
    (key) => !['name', 'message', 'stack'].includes(key),
  );
  const fields = value as unknown as Record<string, unknown>;
  return {
    error: name,
    message,
    stack,
    own: own.sort().map((key) => [key, described(fields[key], seen)]),
  };
}

describe('an error keeps name, message, stack, cause and own fields', () => {
  it.each(names)('to a thread and back: %s', async (name) => {
    const error = errors[name]();
    await there.put(error);
    const got = await back.get();
    expect(got).toBeInstanceOf(Error);
    expect(described(got)).toEqual(described(error));
  });

  it.each(names)('within this thread: %s', async (name) => {
    const error = errors[name]();
    await here.producer().put({ error });
    const { error: got } = (await here.consumer().get()) as { error: unknown };
    expect(got).not.toBe(error);
    expect(described(got)).toEqual(described(error));
  });

  it('in arguments and results', async () => {
    const all = Object.fromEntries(names.map((name) => [name, errors[name]()]));
    const got = await transport.start(returns, { deep: [all] }).result();
    expect(described(got)).toEqual(described({ deep: [all] }));
  });

  it('deep within values, once for each', async () => {
    const error = new HttpError(500);
    const value = new Map<unknown, unknown>([
      ['list', [error, new Set([error])]],
      [error, { error }],
      ['plain', { list: Array.from({ length: 100 }, (_, i) => ({ i })) }],
    ]);
    await there.put(value);
    const got = (await back.get()) as Map<unknown, unknown>;
    const [first, set] = got.get('list') as [HttpError, Set<unknown>];
    expect(described(first)).toEqual(described(error));
    expect(first.status).toBe(500);
    expect([...set][0]).toBe(first);
    expect((got.get(first) as { error: unknown }).error).toBe(first);
    expect((got.get('plain') as { list: { i: number }[] }).list[99]).toEqual({ i: 99 });
  });

  it('is told apart by instanceof where the language has a class for it', async () => {
    for (const Class of [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      await there.put(new Class('mine'));
      expect(await back.get()).toBeInstanceOf(Class);
    }
  });

  it('in a value that is moved', async () => {
    const error = new HttpError(503, { cause: new TypeError('below') });
    const bytes = new Uint8Array([1, 2, 3]);
    const before = described(error);
    await there.put({ error, bytes }, { transfer: [bytes.buffer] });
    const got = (await back.get()) as { error: unknown; bytes: Uint8Array };
    expect(got.bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect(described(got.error)).toEqual(before);
  });

  it('among others in one block', async () => {
    await there.putMany([1, new HttpError(1), { a: 1 }, new HttpError(2), 'end']);
    const got: unknown[] = [];
    for await (const item of back.take(5)) got.push(item);
    expect(got).toMatchObject([
      1,
      { name: 'HttpError', status: 1 },
      { a: 1 },
      { name: 'HttpError', status: 2 },
      'end',
    ]);
  });
});
