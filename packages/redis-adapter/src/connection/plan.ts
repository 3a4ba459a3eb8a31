import { planOfClient } from './client.js';
import { Faults } from './errors.js';
import { ioRedisDriver } from './ioredis.js';
import { badOption, ioRedis, missing, nodeRedis } from './libraries.js';
import { nodeRedisDriver } from './node-redis.js';
import type { Address, ConnectOptions, RedisConnectOptions, TlsOptions } from './types.js';
import type { Driver } from './wire.js';

/** What the options come to: whom to ask first, and how to open a wire to whoever it is. */
export interface Plan {
  readonly topology: 'single' | 'cluster' | 'sentinel';
  /** The server, some nodes of the Cluster, or the Sentinels. `undefined` is the address in the user's client. */
  readonly seeds: readonly (Address | undefined)[];
  /** The name by which Sentinels know the master. */
  readonly master: string | undefined;
  /** Loads the client library. */
  readonly driver: () => Promise<Driver>;
  /** The same for Sentinels, which have other passwords. */
  readonly sentinelDriver: () => Promise<Driver>;
  /** Where a node is reached that others know by this address. */
  readonly map: (address: Address) => Address;
  readonly faults: Faults;
  readonly options: ConnectOptions | undefined;
  readonly connectTimeout: number;
}

const CONNECT_TIMEOUT = 5000;

export function planOf(options: RedisConnectOptions): Plan {
  const connectTimeout = options.connectTimeout ?? CONNECT_TIMEOUT;
  if (!(connectTimeout > 0)) throw badOption('connectTimeout', 'has to be a number of ms above 0');
  if ('client' in options) return planOfClient(options.client, connectTimeout);
  return planOfOptions(options, connectTimeout);
}

interface Place extends Address {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number | undefined;
  readonly tls: boolean;
}

function planOfOptions(options: ConnectOptions, connectTimeout: number): Plan {
  const { url, cluster, sentinel } = options;
  if ([url, cluster, sentinel].filter((one) => one !== undefined).length !== 1) {
    throw badOption(
      'url',
      'or `cluster` or `sentinel` or `client` has to be given, and only one of them',
    );
  }
  const places = (url !== undefined ? [url] : (cluster ?? sentinel!.sentinels)).map((one) =>
    typeof one === 'string'
      ? parse(one)
      : { ...one, username: undefined, password: undefined, db: undefined, tls: false },
  );
  const [first] = places;
  if (first === undefined)
    throw badOption(
      cluster === undefined ? 'sentinel' : 'cluster',
      'has to name at least one server',
    );
  const login = places.find(({ password }) => password !== undefined) ?? first;
  // What a URL of a Sentinel says is for the Sentinel.
  const own = sentinel === undefined ? login : undefined;
  const db = own?.db ?? options.db ?? 0;
  if (cluster !== undefined && db !== 0) throw badOption('db', 'can only be 0 in a Cluster');
  if (!Number.isInteger(db) || db < 0) throw badOption('db', 'has to be a number from 0 on');
  const wantsTls = options.tls ?? places.some(({ tls }) => tls);
  const tls: TlsOptions | undefined =
    wantsTls === true ? {} : wantsTls === false ? undefined : wantsTls;
  const access: Access = {
    username: own?.username ?? options.username,
    password: own?.password ?? options.password,
    db,
    tls,
  };
  const sentinelAccess: Access = {
    username: login.username ?? sentinel?.username,
    password: login.password ?? sentinel?.password,
    db: 0,
    tls,
  };
  const secrets = [access.password, sentinelAccess.password, tls?.key, tls?.passphrase].filter(
    (one) => one !== undefined,
  );
  return {
    topology: cluster !== undefined ? 'cluster' : sentinel !== undefined ? 'sentinel' : 'single',
    seeds: places.map(({ host, port }) => ({ host, port })),
    master: sentinel?.name,
    driver: () => load(options.library, access),
    sentinelDriver: () => load(options.library, sentinelAccess),
    map: (address) => address,
    faults: new Faults([...secrets, ...secrets.map(encodeURIComponent)]),
    options: hidden(options),
    connectTimeout,
  };
}

function parse(text: string): Place {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The text is not repeated: it may hold a password.
    throw badOption('url', 'is no URL; it looks like redis://user:password@host:6379/0');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw badOption(
      'url',
      `has to start with redis:// or rediss://, and not with ${url.protocol}//`,
    );
  }
  const db = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : undefined;
  if (db !== undefined && !Number.isInteger(db))
    throw badOption('url', 'has to end with the number of a database, if with anything');
  return {
    // Brackets belong to the URL, not to the address.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
    port: url.port === '' ? 6379 : Number(url.port),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    db,
    tls: url.protocol === 'rediss:',
  };
}

/** The same options; printing them, or turning them into JSON, does not show what is secret. */
function hidden(options: ConnectOptions): ConnectOptions {
  const copy = structuredClone(options);
  const shown = (): object => {
    const address = (one: Address | string): Address | string =>
      typeof one === 'string' ? one.replace(/\/\/[^@/]*@/, '//***@') : one;
    return {
      ...copy,
      ...(copy.url === undefined ? {} : { url: address(copy.url) }),
      ...(copy.cluster === undefined ? {} : { cluster: copy.cluster.map(address) }),
      ...(copy.sentinel === undefined
        ? {}
        : {
            sentinel: { name: copy.sentinel.name, sentinels: copy.sentinel.sentinels.map(address) },
          }),
      ...(copy.password === undefined ? {} : { password: '***' }),
      ...(typeof copy.tls === 'object' ? { tls: '***' } : {}),
    };
  };
  // Neither is cloned, since they cannot be enumerated.
  for (const key of [Symbol.for('nodejs.util.inspect.custom'), 'toJSON'])
    Object.defineProperty(copy, key, { value: shown });
  return copy;
}

interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: TlsOptions | undefined;
}

async function load(library: 'redis' | 'ioredis' | undefined, access: Access): Promise<Driver> {
  if (library !== 'ioredis') {
    const createClient = await nodeRedis();
    if (createClient !== undefined) {
      const { username, password, db: database, tls } = access;
      const login = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      };
      return nodeRedisDriver(
        (overrides) => createClient({ ...login, database, ...overrides }),
        tls === undefined ? {} : { ...tls, tls: true },
      );
    }
  }
  if (library !== 'redis') {
    const Redis = await ioRedis();
    if (Redis !== undefined) {
      const { username, password, db, tls } = access;
      return ioRedisDriver(
        (overrides) =>
          new Redis({
            username,
            password,
            db,
            ...(tls === undefined ? {} : { tls }),
            ...overrides,
          }),
      );
    }
  }
  throw missing(library ?? 'redis');
}
