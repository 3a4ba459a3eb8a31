import { Faults } from './errors.js';
import { ioRedisDriver, type IoRedisClient } from './ioredis.js';
import { badOption, ioRedis, missing, nodeRedis } from './libraries.js';
import { nodeRedisDriver, type NodeRedisClient } from './node-redis.js';
import type { Plan } from './plan.js';
import type { Address } from './types.js';
import type { Driver } from './wire.js';

type Bag = Readonly<Record<string, unknown>>;

/**
 * Connects as the user's client does: the same addresses, passwords and TLS. The client itself is not used to send
 * anything, and need not be connected: what it does with commands in flight when its connection breaks is its own
 * matter, while here it has to be known.
 */
export function planOfClient(client: object, connectTimeout: number): Plan {
  const bag = client as Bag;
  if (typeof bag['callBuffer'] === 'function' && typeof bag['duplicate'] === 'function') {
    return bag['isCluster'] === true
      ? ioRedisCluster(bag, connectTimeout)
      : ioRedisSingle(client as IoRedisClient, connectTimeout);
  }
  if (typeof bag['sendCommand'] === 'function' && typeof bag['duplicate'] === 'function') {
    if (typeof bag['nodeClient'] === 'function') return nodeRedisCluster(bag, connectTimeout);
    if (typeof bag['getSentinelNode'] === 'function') return nodeRedisSentinel(bag, connectTimeout);
    return nodeRedisSingle(client as NodeRedisClient, connectTimeout);
  }
  throw badOption(
    'client',
    'has to be a client, cluster or sentinel of node-redis (`redis` 5 or newer), or a `Redis` or `Cluster` of ioredis',
  );
}

type Parts = Pick<Plan, 'topology' | 'seeds' | 'driver'> & {
  readonly secrets: unknown[];
} & Partial<Pick<Plan, 'master' | 'sentinelDriver' | 'map'>>;

function plan(connectTimeout: number, { secrets, ...parts }: Parts): Plan {
  return {
    master: undefined,
    sentinelDriver: parts.driver,
    map: (address) => address,
    ...parts,
    faults: new Faults(secrets.filter((one) => typeof one === 'string')),
    options: undefined,
    connectTimeout,
  };
}

function nodeRedisSingle(client: NodeRedisClient, connectTimeout: number): Plan {
  const options = bagOf(client.options);
  const driver = nodeRedisDriver(
    (overrides) => client.duplicate(overrides),
    bagOf(options['socket']),
  );
  return plan(connectTimeout, {
    topology: 'single',
    seeds: [undefined],
    driver: async () => driver,
    secrets: [options['password']],
  });
}

function nodeRedisCluster(cluster: Bag, connectTimeout: number): Plan {
  const options = optionsOf(cluster);
  const defaults = bagOf(options['defaults']);
  const roots = listOf(options['rootNodes']).map(bagOf);
  return plan(connectTimeout, {
    topology: 'cluster',
    seeds: roots.map(addressOfNodeRedis),
    driver: async () => nodeRedisWith(defaults),
    map: mapper(options['nodeAddressMap']),
    secrets: [defaults['password'], ...roots.map((root) => root['password'])],
  });
}

function nodeRedisSentinel(sentinel: Bag, connectTimeout: number): Plan {
  const options = optionsOf(sentinel);
  const node = bagOf(options['nodeClientOptions']);
  const own = bagOf(options['sentinelClientOptions']);
  return plan(connectTimeout, {
    topology: 'sentinel',
    seeds: listOf(options['sentinelRootNodes']).map(bagOf).map(addressOf),
    master: String(options['name']),
    driver: async () => nodeRedisWith(node),
    sentinelDriver: async () => nodeRedisWith(own),
    map: mapper(options['nodeAddressMap']),
    secrets: [node['password'], own['password']],
  });
}

async function nodeRedisWith(options: Bag): Promise<Driver> {
  const createClient = await nodeRedis();
  if (createClient === undefined) throw missing('redis');
  return nodeRedisDriver(
    (overrides) => createClient({ ...options, ...overrides }),
    bagOf(options['socket']),
  );
}

/** Clusters and sentinels of node-redis do not show their options; they hand them to whoever duplicates them. */
function optionsOf(client: Bag): Bag {
  let options: Bag = {};
  const duplicate = client['duplicate'] as () => unknown;
  const asked = {
    _self: client['_self'],
    __proto__: {
      constructor: function (given: Bag): void {
        options = given;
      },
    },
  };
  duplicate.call(asked);
  return options;
}

function addressOfNodeRedis(root: Bag): Address {
  if (typeof root['url'] === 'string') {
    const url = new URL(root['url']);
    return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 6379) };
  }
  return addressOf(bagOf(root['socket']));
}

function ioRedisSingle(client: IoRedisClient, connectTimeout: number): Plan {
  const { options } = client;
  const driver = ioRedisDriver((overrides) => client.duplicate(overrides));
  const secrets = [options['password'], options['sentinelPassword']];
  const sentinels = listOf(options['sentinels']);
  if (sentinels.length === 0) {
    return plan(connectTimeout, {
      topology: 'single',
      seeds: [undefined],
      driver: async () => driver,
      secrets,
    });
  }
  const sentinelDriver = ioRedisDriver((overrides) =>
    client.duplicate({
      username: options['sentinelUsername'] ?? null,
      password: options['sentinelPassword'] ?? null,
      db: 0,
      tls:
        options['enableTLSForSentinelMode'] === true
          ? (options['sentinelTLS'] ?? options['tls'])
          : undefined,
      ...overrides,
    }),
  );
  return plan(connectTimeout, {
    topology: 'sentinel',
    seeds: sentinels.map(bagOf).map((one) => addressOf({ port: 26379, ...one })),
    master: String(options['name']),
    driver: async () => driver,
    sentinelDriver: async () => sentinelDriver,
    map: mapper(options['natMap']),
    secrets,
  });
}

function ioRedisCluster(cluster: Bag, connectTimeout: number): Plan {
  const options = bagOf(cluster['options']);
  const node = bagOf(options['redisOptions']);
  const starts = listOf(cluster['startupNodes']).map((one): Bag => {
    if (typeof one === 'number') return { port: one };
    if (typeof one !== 'string') return bagOf(one);
    const url = new URL(one.includes('://') ? one : `redis://${one}`);
    return {
      host: url.hostname,
      port: Number(url.port || 6379),
      password: decodeURIComponent(url.password) || undefined,
    };
  });
  const password =
    node['password'] ?? starts.find((one) => one['password'] !== undefined)?.['password'];
  return plan(connectTimeout, {
    topology: 'cluster',
    seeds: starts.map(addressOf),
    driver: async () => {
      const Redis = await ioRedis();
      if (Redis === undefined) throw missing('ioredis');
      return ioRedisDriver((overrides) => new Redis({ ...node, password, ...overrides }));
    },
    map: mapper(options['natMap']),
    secrets: [password],
  });
}

/** Both libraries know a table, or a function, from `host:port` to host and port. */
function mapper(map: unknown): (address: Address) => Address {
  return (address) => {
    const key = `${address.host}:${address.port}`;
    const found: unknown =
      typeof map === 'function' ? (map as (key: string) => unknown)(key) : bagOf(map)[key];
    return found === undefined || found === null ? address : addressOf(bagOf(found));
  };
}

function addressOf(bag: Bag): Address {
  return {
    host: typeof bag['host'] === 'string' ? bag['host'] : '127.0.0.1',
    port: Number(bag['port'] ?? 6379),
  };
}

function bagOf(value: unknown): Bag {
  return typeof value === 'object' && value !== null ? (value as Bag) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
