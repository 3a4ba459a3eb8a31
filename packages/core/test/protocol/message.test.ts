import { DIE, DO, FAILED, FINISHED, hasCode, type Message, parseMessage } from '@millrace/core';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Golden {
  readonly says: string;
  readonly wire: unknown;
  /** What it reads as, where that differs. */
  readonly reads?: unknown;
  readonly error?: { readonly code: string; readonly details: Record<string, unknown> };
}

const folder = join(import.meta.dirname, '../golden/messages');
const golden = readdirSync(folder).map((file) => {
  const content: Golden = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return { file, ...content };
});

describe('P1 the wire form of a message', () => {
  it.each(golden)('$file: $says', ({ wire, reads, error }) => {
    if (error === undefined) {
      const message = parseMessage(wire);
      expect(JSON.parse(JSON.stringify(message))).toEqual(reads ?? wire);
      expect(Object.keys(message)).toEqual(Object.keys((reads ?? wire) as object));
      // What was read is written the same.
      expect(parseMessage(message)).toEqual(message);
    } else expect(() => parseMessage(wire)).toThrow(expect.objectContaining(error));
  });

  it('has golden files for every request that the protocol names', () => {
    const requests = golden.map(({ wire }) => (wire as Message).request);
    expect(requests).toEqual(expect.arrayContaining([DO, FINISHED, FAILED, DIE]));
  });

  it('passes data on as it is, whatever it is', () => {
    const data: unknown[] = [new Map([[1, 2n]])];
    data.push(data);
    expect(parseMessage({ v: 1, id: '1', request: DO, sender: 'a', data }).data).toBe(data);
  });
});

describe('P1 what is no message', () => {
  const valid = { v: 1, id: '1', request: DO, sender: 'a' };

  it.each([
    [
      'a getter that throws',
      {
        ...valid,
        get sender(): string {
          throw new Error('no');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(valid, {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
    ['a revoked proxy', revoked()],
    [
      'a throwing toString',
      {
        ...valid,
        id: {
          toString: () => {
            throw new Error('no');
          },
        },
      },
    ],
    ['a symbol', { ...valid, request: Symbol('DO') }],
    ['a function', () => valid],
    ['nothing', undefined],
  ])('%s is a typed error', (_, value) => {
    expect(() => parseMessage(value)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_MALFORMED' }),
    );
  });

  it('is judged by one reading of each field', () => {
    let reads = 0;
    const fickle = {
      ...valid,
      get sender(): unknown {
        return ++reads === 1 ? 'a' : 7;
      },
    };
    expect(parseMessage(fickle).sender).toBe('a');
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** One change to a valid message, of all the kinds that one can think of. */
type Mutation = (message: Record<string, unknown>) => unknown;

const fields = [
  'v',
  'id',
  'request',
  'sender',
  'recipient',
  'replyTo',
  'data',
  'other',
  '__proto__',
];
const field = fc.constantFrom(...fields);
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withTypedArray: true,
    withSparseArray: true,
    maxDepth: 2,
  }),
  fc.constantFrom<unknown>(
    Symbol('s'),
    () => 1,
    NaN,
    -0,
    2 ** 53,
    '',
    new Error('e'),
    Object.create(null),
  ),
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  field.map((name): Mutation => (message) => {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- that is the mutation
    delete message[name];
    return message;
  }),
  fc.tuple(field, anything).map(
    ([name, value]): Mutation =>
      (message) =>
        set(message, { value, name }),
  ),
  fc.tuple(field, field).map(
    ([name, from]): Mutation =>
      (message) =>
        set(message, { name, value: message[from] }),
  ),
  field.map(
    (name): Mutation =>
      (message) =>
        set(message, { name, value: message }),
  ),
  field.map(
    (name): Mutation =>
      (message) =>
        Object.defineProperty(message, name, {
          configurable: true,
          enumerable: true,
          get: () => {
            throw new Error('no');
          },
        }),
  ),
  fc.constantFrom<Mutation>(
    (message) => new Proxy(message, {}),
    (message) =>
      new Proxy(message, {
        get: () => {
          throw new Error('no');
        },
      }),
    (message) => [message],
    (message) => Object.values(message),
    (message) => JSON.stringify(message),
    (message) => Object.freeze(message),
    (message) => Object.create(message) as unknown,
    () => revoked(),
  ),
);

function set(
  message: Record<string, unknown>,
  { name, value }: { name: string; value: unknown },
): unknown {
  return Object.defineProperty(message, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

const message = fc.record(
  {
    v: fc.constant(1),
    id: fc.string({ minLength: 1, maxLength: 8 }),
    request: fc.oneof(fc.constantFrom(DO, FINISHED, FAILED, DIE), fc.string({ maxLength: 8 })),
    sender: fc.string({ minLength: 1, maxLength: 8 }),
    recipient: fc.string({ minLength: 1, maxLength: 8 }),
    replyTo: fc.string({ minLength: 1, maxLength: 8 }),
    data: anything,
  },
  { requiredKeys: ['v', 'id', 'request', 'sender'] },
);

it(
  'P1 100,000 random mutations of valid messages give a message or a typed error',
  { timeout: 120_000 },
  () => {
    const [given, path] = (process.env['MILLRACE_SEED'] ?? '').split(',');
    const seed =
      given === undefined || given === '' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
    console.log(`MILLRACE_SEED=${String(seed)}`);
    const outcomes = { read: 0, malformed: 0, tooNew: 0 };
    fc.assert(
      fc.property(
        message,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (valid, mutations) => {
          let value: unknown = { ...valid };
          expect(parseMessage(value)).toEqual(
            Object.fromEntries(Object.entries(valid).filter(([, v]) => v !== undefined)),
          );
          for (const mutate of mutations) {
            try {
              value = mutate(value as Record<string, unknown>);
            } catch {
              // What the last mutation made cannot be changed any further.
            }
          }
          try {
            const read = parseMessage(value);
            for (const name of Object.keys(read)) expect(fields.slice(0, 7)).toContain(name);
            const { data: _, ...rest } = read;
            expect(rest).toEqual(JSON.parse(JSON.stringify(rest)));
            expect(rest.v).toBe(1);
            for (const name of [rest.id, rest.request, rest.sender])
              expect(name).toBeTypeOf('string');
            outcomes.read++;
          } catch (error) {
            if (hasCode(error, 'MESSAGE_MALFORMED')) outcomes.malformed++;
            else if (hasCode(error, 'MESSAGE_TOO_NEW')) outcomes.tooNew++;
            else throw error;
          }
        },
      ),
      { seed, numRuns: 100_000, ...(path === undefined ? {} : { path }) },
    );
    // Each of the three was tried, and often.
    expect(Math.min(outcomes.read, outcomes.malformed, outcomes.tooNew)).toBeGreaterThan(0);
  },
);
