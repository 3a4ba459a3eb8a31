import type { ConsumerEndpoint, Departure, EndpointToken, IterableQueue, ProducerEndpoint, TransportManifest } from '@millrace/core';
import { hasCode, MillraceError } from '@millrace/core';
import { receiveArgs, sendArgs } from '@millrace/core/channels';
import { type FarConsumer, type FarProducer, type Fixture, type FixtureOptions, ManualClock, type TransportUnderTest } from '@millrace/core/testing';
import { bytesForm, type Connection, decodeReason, Items, manifest, type RedisQueue, RedisTransport, type TransportParts } from '../../dist/testing.js';
import { delayed } from './delayed.ts';

const values = { form: bytesForm(new Items()), readReason: decodeReason, codec: 'msgpack' };

/** What is not as with `redis()`. */
export interface Other {
  readonly manifest?: TransportManifest;
  readonly parts?: Partial<TransportParts>;
  /** For how many turns of the event loop each of what a process sends and is sent is under way. Default: no longer than it is. */
  readonly turns?: () => number;
  /** Does something while nothing is done to the servers. */
  readonly calm?: <T>(work: () => Promise<T>) => Promise<T>;
}

let cases = 0;

/** With `MILLRACE_SEED=seed` or `MILLRACE_SEED=seed,path`, as a failed run printed them, repeats that run. */
function replay(): { seed?: number; path?: string } {
  const [seed, path] = (process.env['MILLRACE_SEED'] ?? '').split(',');
  if (seed === undefined || seed === '') return {};
  return { seed: Number(seed), ...(path === undefined ? {} : { path }) };
}

/** The Redis transport, with every endpoint in a session of its own, as if each were in a process of its own. */
export function redisTarget(
  name: string,
  connection: () => Connection,
  keys: (pattern: string) => Promise<readonly string[]>,
  runs = 100,
  other: Other = {},
): TransportUnderTest {
  return {
    name,
    manifest: other.manifest ?? manifest,
    moves: true,
    local: false,
    here: true,
    clearsLater: true,
    runs,
    ...replay(),
    create: (options) => redisFixture(connection(), keys, options, other),
  };
}

function redisFixture(
  connection: Connection,
  keys: (pattern: string) => Promise<readonly string[]>,
  _options: FixtureOptions,
  { parts, turns, calm = (work) => work() }: Other,
): Fixture {
  const clock = new ManualClock();
  const prefix = `test:${String(process.pid)}:${String(++cases)}:`;
  const transports: RedisTransport[] = [];
  const owners = new Map<object, RedisTransport>();
  const make = (): RedisTransport => {
    const transport = new RedisTransport({
      ...values,
      ...parts,
      connection: turns === undefined ? unclosed(connection) : delayed(unclosed(connection), turns),
      runtime: clock,
      prefix,
      lease: 3_600_000,
      time: () => 1_000_000 + clock.now(),
    });
    transports.push(transport);
    return transport;
  };
  const host = make();
  let workers = 0;
  let crashed = false;
  /** What is being done for a case, and how much was begun. */
  let steps: Promise<unknown> = Promise.resolve();
  let begun = 0;
  const sessions: RedisQueue['session'][] = [];

  const all = (): RedisQueue['session'][] => transports.flatMap((transport) => transport.sessions.map(({ session }) => session));
  const happened = (): string => [begun, ...all().map(({ activity, stirred }) => activity + stirred)].join();
  const answered = async (transport: RedisTransport): Promise<void> => {
    await Promise.all(
      transport.sessions.map(async ({ session, joined }) => {
        await joined;
        await session.idle();
      }),
    );
  };
  const settle = async (): Promise<void> => {
    for (;;) {
      const before = happened();
      await new Promise((resolve) => setImmediate(resolve));
      await steps;
      const ran = clock.runDeferred();
      await Promise.all(transports.map(answered));
      if (ran > 0 || happened() !== before) continue;
      // Nobody has anything left to say: what is still under way to somebody is known to the server.
      await Promise.all(all().map(told));
      if (happened() === before && all().every(({ isIdle }) => isIdle)) return;
    }
  };
  const step = <T>(work: () => Promise<T>): Promise<T> => {
    begun++;
    const done = work();
    steps = Promise.allSettled([steps, done]);
    return done;
  };
  const attach = async <Endpoint>(
    queue: IterableQueue<unknown>,
    open: (queue: ReturnType<RedisTransport['attach']>) => Endpoint,
  ): Promise<Endpoint> => {
    const transport = make();
    const home = host.sessions.find(({ spec }) => spec === queue.spec);
    if (home === undefined) throw new MillraceError('QUEUE_CLOSED', 'The queue was disposed of.');
    // Whoever has got an endpoint comes after the one that it has it from.
    await home.joined;
    const endpoint = open(transport.attach(queue.spec, home.key, home.list));
    owners.set(endpoint as object, transport);
    return endpoint;
  };
  /** Hands an endpoint to another session, as to a worker. */
  const move = async <Endpoint extends object>(traveller: object): Promise<Endpoint> => {
    const via: Departure = {
      worker: `worker-${String(++workers)}`,
      local: false,
      open: () => {
        throw new Error('unreachable: endpoints of Redis open no link');
      },
    };
    const { sent } = sendArgs({ endpoint: traveller }, via);
    for (const other of transports) await other.knownOf(via.worker);
    const copy = structuredClone(sent);
    const transport = make();
    const { args } = receiveArgs(copy, clock, (token: EndpointToken) => transport.claim(token as never));
    const { endpoint } = args as { endpoint: Endpoint };
    owners.set(endpoint, transport);
    return endpoint;
  };
  const wrap = async <Endpoint extends object>(queue: IterableQueue<unknown>, role: 'producer' | 'consumer'): Promise<Endpoint> => {
    // An endpoint is made of its back end where arguments are received: by way of a token that names nothing.
    const backend = await attach(queue, (far) => (role === 'producer' ? far.openProducer({}) : far.openConsumer({})));
    const transport = owners.get(backend)!;
    await answered(transport);
    if (role === 'producer') {
      // A queue that was closed before says so after it was asked to open it.
      await Promise.all(transport.sessions.map(({ session }) => told(session)));
      void backend.flush();
    }
    const standIn = {};
    const { args } = receiveArgs(
      { packed: { value: { args: { endpoint: standIn }, standIns: [standIn], compounds: [] }, errors: [] }, travellers: [[standIn, { role, transfer: [], body: {} }]] },
      clock,
      () => backend,
    );
    const { endpoint } = args as { endpoint: Endpoint };
    owners.set(endpoint, transport);
    return endpoint;
  };

  return {
    transport: host,
    clock,
    producer: (queue) => step(() => wrap<FarProducer>(queue, 'producer')),
    consumer: (queue) => step(() => wrap<FarConsumer>(queue, 'consumer')),
    moveProducer: (traveller) => step(() => move<ProducerEndpoint<unknown>>(traveller)),
    moveConsumer: (traveller) => step(() => move<ConsumerEndpoint<unknown>>(traveller)),
    settle,
    crash: async (endpoint) => {
      crashed = true;
      const transport = owners.get(endpoint);
      if (transport === undefined) throw new Error('the endpoint is not known');
      // What it had sent arrives: also where servers come and go, which else may take it with them.
      await step(() => calm(async () => {
        for (const queue of transport.sessions) {
          const { key } = queue;
          queue.session.fail(new MillraceError('ENDPOINT_LOST', 'The process that held it was killed.'));
          await queue.session.sent();
          await connection.command(key, ['ZADD', `${key}:leases`, '0', queue.session.id]);
        }
      }));
      transports.splice(transports.indexOf(transport), 1);
    },
    leftovers: async () => {
      // What follows from a turn is done in that turn, unless somebody has died.
      const stirred = crashed ? 0 : sessions.reduce((sum, session) => sum + session.stirred, 0);
      if (stirred > 0) return [`work that turns had left undone, ${String(stirred)} times`];
      return (await keys(`${prefix}*`)).map((key) => `key ${key}`);
    },
    dispose: async () => {
      for (const transport of transports) sessions.push(...transport.sessions.map(({ session }) => session));
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
}

/** Whatever the session was sent has come, however the connection breaks meanwhile. */
async function told(session: RedisQueue['session']): Promise<void> {
  for (;;) {
    try {
      await session.tend();
      return;
    } catch (error) {
      if (!hasCode(error, 'CONNECTION_LOST')) throw error;
    }
  }
}

/** The same connection for all cases. */
function unclosed(connection: Connection): Connection {
  return new Proxy(connection, {
    get: (of, key) => {
      if (key === 'close') return () => Promise.resolve();
      const value: unknown = Reflect.get(of, key);
      return typeof value === 'function' ? (value as (...args: never) => unknown).bind(of) : value;
    },
  });
}
