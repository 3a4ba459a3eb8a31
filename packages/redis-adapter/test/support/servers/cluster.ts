import { list } from '../resp.ts';
import { BUS_OFFSET } from './ports.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';
import { settled } from './settle.ts';

const SLOTS = 16_384;
/** How long a planned fail-over may take before its server gives it up (5 s), with a margin; in ms. */
const PLAN_TIME = 6000;

export interface ClusterOptions extends Omit<ServerOptions, 'args'> {
  /** How many masters. Default 3. */
  readonly nodes?: number;
  /** How many replicas each master has. Default 0. */
  readonly replicas?: number;
  /** After how long a silent node counts as failed, in ms. Default 2000. */
  readonly nodeTimeout?: number;
}

/** Starts a cluster whose slots are spread evenly. Resolves once every node finds it in order. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { nodes = 3, replicas = 0, nodeTimeout = 2000, config, ...rest } = options;
  const starting = Array.from({ length: nodes * (1 + replicas) }, () =>
    startServer({
      ...rest,
      config: {
        'cluster-enabled': 'yes',
        'cluster-node-timeout': nodeTimeout,
        'cluster-config-file': 'nodes.conf',
        ...config,
      },
    }),
  );
  const started = await Promise.allSettled(starting);
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  const cluster = new Cluster(servers.slice(0, nodes), servers.slice(nodes));
  try {
    if (failed !== undefined) throw failed.reason;
    await cluster.form();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

export class Cluster {
  /** As they were at the start; a fail-over changes their parts. */
  readonly masters: readonly Server[];
  /** Replica i follows master i modulo the number of masters, at the start. */
  readonly replicas: readonly Server[];

  constructor(masters: readonly Server[], replicas: readonly Server[]) {
    this.masters = masters;
    this.replicas = replicas;
  }

  get servers(): readonly Server[] {
    return [...this.masters, ...this.replicas];
  }

  /** One URL for each node: any of them leads to the whole. */
  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url);
  }

  /** The server that serves a key now, as its neighbours see it. */
  async ownerOf(key: string): Promise<Server> {
    const alive = this.#anyAlive();
    return this.#slotOwner(Number(await alive.call('CLUSTER', 'KEYSLOT', key)));
  }

  /** A planned fail-over, which loses nothing: the replica takes its master's place, which becomes its replica. */
  async failover(replica: Server): Promise<void> {
    let asked = -Infinity;
    await settled(`port ${replica.port} becomes a master`, async () => {
      if (list(await replica.call('ROLE'))[0] === 'master') return true;
      // The server drops a plan, and says so only in its log, when master, replica and voters do not get
      // through it within five seconds: on a loaded machine they may not. A plan still under way is kept.
      if (performance.now() - asked > PLAN_TIME) {
        await replica.call('CLUSTER', 'FAILOVER');
        asked = performance.now();
      }
      return undefined;
    });
    await this.healthy();
  }

  /** Moves a slot with its keys to another master, as a resharding does. */
  async moveSlot(slot: number, to: Server): Promise<void> {
    const from = await this.#slotOwner(slot);
    if (from === to) return;
    const [fromId, toId] = [await id(from), await id(to)];
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    while (true) {
      const keys = list(await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)).map(String);
      if (keys.length === 0) break;
      const auth = to.password === undefined ? [] : ['AUTH', to.password];
      await from.call('MIGRATE', to.host, to.port, '', 0, 10_000, ...auth, 'KEYS', ...keys);
    }
    for (const server of [to, ...this.servers.filter((other) => other !== to && other.alive)]) {
      // Replicas are told by their masters.
      if (list(await server.call('ROLE'))[0] !== 'master') continue;
      await server.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    }
    await this.healthy();
  }

  /** Resolves once every node that is alive finds the cluster in order and all see the same owners. */
  async healthy(): Promise<void> {
    await settled('the cluster is in order', async () => {
      const alive = this.servers.filter((server) => server.alive);
      const views = await Promise.all(
        alive.map(async (server) => {
          const info = String(await server.call('CLUSTER', 'INFO'));
          const shards = list(await server.call('CLUSTER', 'SLOTS')).map((range) => {
            const [from, to, master] = list(range);
            return `${Number(from)}-${Number(to)}@${Number(list(master!)[1])}`;
          });
          return info.includes('cluster_state:ok') ? shards.sort().join(' ') : '';
        }),
      );
      return views[0] !== '' && views.every((view) => view === views[0]) ? true : undefined;
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Makes single servers one cluster. The two seconds that it takes are a master's own pause at its start. */
  async form(): Promise<void> {
    const [first, ...others] = this.servers;
    await Promise.all(
      this.masters.map(async (server, i) => {
        await server.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
        await server.call('CLUSTER', 'ADDSLOTS', ...share(i, this.masters.length));
      }),
    );
    for (const other of others) {
      await first!.call('CLUSTER', 'MEET', other.host, other.port, other.port + BUS_OFFSET);
    }
    await Promise.all(
      this.replicas.map(async (replica, i) => {
        const master = await id(this.masters[i % this.masters.length]!);
        await settled(`port ${replica.port} knows its master`, () =>
          replica.call('CLUSTER', 'REPLICATE', master),
        );
        await settled(`port ${replica.port} has its master's data`, async () =>
          list(await replica.call('ROLE'))[3] === 'connected' ? true : undefined,
        );
      }),
    );
    await this.healthy();
    await this.#prove();
  }

  /** Writes through each master and reads it there: it serves its slots, and no others. */
  async #prove(): Promise<void> {
    for (let i = 0; i < 3 * this.masters.length; i += 1) {
      const key = `proof-${i}`;
      const owner = await this.ownerOf(key);
      await owner.call('SET', key, i);
      if ((await owner.call('GET', key)) !== String(i)) throw new Error(`${key} is not there`);
      await owner.call('DEL', key);
    }
  }

  async #slotOwner(slot: number): Promise<Server> {
    const ranges = list(await this.#anyAlive().call('CLUSTER', 'SLOTS'));
    const range = ranges.map(list).find(([a, b]) => Number(a) <= slot && slot <= Number(b));
    if (range === undefined) throw new Error(`nobody serves slot ${slot}`);
    return this.#at(Number(list(range[2]!)[1]));
  }

  #anyAlive(): Server {
    const alive = this.servers.find((server) => server.alive);
    if (alive === undefined) throw new Error('no node of the cluster is alive');
    return alive;
  }

  #at(port: number): Server {
    const server = this.servers.find((one) => one.port === port);
    if (server === undefined) throw new Error(`port ${port} is no node of this cluster`);
    return server;
  }
}

async function id(server: Server): Promise<string> {
  return String(await server.call('CLUSTER', 'MYID'));
}

function share(i: number, of: number): number[] {
  const from = Math.floor((SLOTS * i) / of);
  const to = Math.floor((SLOTS * (i + 1)) / of);
  return Array.from({ length: to - from }, (_, k) => from + k);
}
