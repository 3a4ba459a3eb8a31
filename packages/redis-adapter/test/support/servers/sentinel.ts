import { list, type Reply } from '../resp.ts';
import { Server, type ServerOptions, startServer } from './server.ts';
import { settled } from './settle.ts';

export interface SentinelOptions extends Omit<ServerOptions, 'args'> {
  /** Default 1. */
  readonly replicas?: number;
  /** Default 3, of which a majority must agree. */
  readonly sentinels?: number;
  /** After how long a silent master counts as down, in ms. Default 500. */
  readonly downAfter?: number;
  /** The master's name. Default `millrace`. */
  readonly masterName?: string;
}

/** Starts a master, its replicas and the sentinels that watch them. Resolves once all know each other. */
export async function startSentinel(options: SentinelOptions = {}): Promise<SentinelSet> {
  const {
    replicas = 1,
    sentinels = 3,
    downAfter = 500,
    masterName = 'millrace',
    ...rest
  } = options;
  const set = new SentinelSet(masterName, Math.floor(sentinels / 2) + 1);
  try {
    await set.form(rest, replicas, sentinels, downAfter);
    return set;
  } catch (error) {
    await set.stop();
    throw error;
  }
}

export interface Switch {
  readonly from: Server;
  readonly to: Server;
}

export class SentinelSet {
  readonly masterName: string;
  readonly quorum: number;
  /** Master and replicas; which is which changes. */
  readonly servers: Server[] = [];
  readonly sentinels: Server[] = [];

  constructor(masterName: string, quorum: number) {
    this.masterName = masterName;
    this.quorum = quorum;
  }

  /** The ports of the sentinels: what a client is given, with the master's name. */
  get sentinelPorts(): readonly number[] {
    return this.sentinels.map(({ port }) => port);
  }

  /** The server that the sentinels name as the master now. */
  async master(): Promise<Server> {
    const alive = this.sentinels.find((sentinel) => sentinel.alive);
    if (alive === undefined) throw new Error('no sentinel is alive');
    return this.#named(await this.#address(alive));
  }

  /**
   * A planned fail-over by the sentinels. They demote the old master only some 10 s after this resolves; it
   * loses what it confirms until then. `follows(from)` waits for that.
   */
  async failover(): Promise<Switch> {
    const from = await this.master();
    await settled('a sentinel begins the fail-over', () =>
      this.sentinels[0]!.call('SENTINEL', 'FAILOVER', this.masterName),
    );
    return { from, to: await this.#switched(from) };
  }

  /**
   * A planned fail-over that loses nothing: `FAILOVER` pauses writers until the replica has all. Sentinels
   * take no part in that command, so they are told of the new master afterwards.
   */
  async handOver(): Promise<Switch> {
    const made = await this.passOn();
    await this.regrouped(made);
    return made;
  }

  /** As `handOver`, but resolves as soon as clients can find the new master. `regrouped` is to follow before the next one. */
  async passOn(): Promise<Switch> {
    const from = await this.master();
    const to = this.servers.find((server) => server !== from && server.alive);
    if (to === undefined) throw new Error('no replica is alive');
    await this.follows(to);
    await from.call('FAILOVER', 'TO', to.host, to.port, 'TIMEOUT', 10_000);
    await settled(`port ${to.port} is the master`, async () =>
      (await role(to)) === 'master' ? true : undefined,
    );
    await Promise.all(
      this.sentinels.map(async (sentinel) => {
        const settings = fields(await sentinel.call('SENTINEL', 'MASTER', this.masterName));
        await sentinel.call('SENTINEL', 'REMOVE', this.masterName);
        await sentinel.call(
          ...['SENTINEL', 'MONITOR', this.masterName, to.host, to.port, this.quorum],
        );
        for (const name of ['down-after-milliseconds', 'failover-timeout', 'parallel-syncs']) {
          await sentinel.call('SENTINEL', 'SET', this.masterName, name, settings.get(name)!);
        }
        if (to.password === undefined) return;
        await sentinel.call('SENTINEL', 'SET', this.masterName, 'auth-pass', to.password);
      }),
    );
    return { from, to };
  }

  /** Resolves once all know each other again, and the old master has the new one's data. */
  async regrouped({ from }: Switch): Promise<void> {
    await this.#complete();
    await this.follows(from);
  }

  /**
   * Kills the master and resolves once the sentinels have another. `restart()` on `from` brings it back; it
   * then becomes a replica by itself.
   */
  async killMaster(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' = 'SIGKILL'): Promise<Switch> {
    const from = await this.master();
    await from.kill(signal);
    return { from, to: await this.#switched(from) };
  }

  /** Resolves once a server follows the present master and has its data. */
  async follows(server: Server): Promise<void> {
    const master = await this.master();
    await settled(`port ${server.port} follows port ${master.port}`, async () => {
      const [kind, , port, state] = list(await server.call('ROLE'));
      return kind === 'slave' && port === master.port && state === 'connected' ? true : undefined;
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async form(options: ServerOptions, replicas: number, sentinels: number, downAfter: number) {
    const master = await startServer(options);
    this.servers.push(master);
    await all(replicas, async () => {
      const config = { ...options.config, replicaof: [`${master.host} ${master.port}`] };
      this.servers.push(await startServer({ ...options, config }));
    });
    await Promise.all(this.servers.slice(1).map((replica) => caughtUp(replica)));
    await all(sentinels, async () => {
      const name = this.masterName;
      const { binary, password, timeout } = options;
      const config = {
        sentinel: [
          `monitor ${name} ${master.host} ${master.port} ${this.quorum}`,
          `down-after-milliseconds ${name} ${downAfter}`,
          `failover-timeout ${name} 3000`,
          `parallel-syncs ${name} 1`,
          ...(password === undefined ? [] : [`auth-pass ${name} ${JSON.stringify(password)}`]),
        ],
      };
      const own = {
        sentinel: true,
        ...(binary === undefined ? {} : { binary }),
        ...(timeout === undefined ? {} : { timeout }),
      };
      this.sentinels.push(await Server.start(config, own));
    });
    await this.#complete();
  }

  /** Every sentinel knows the master, all replicas that are alive and all other sentinels. */
  async #complete(): Promise<void> {
    const replicas = this.servers.filter(({ alive }) => alive).length - 1;
    await settled('the sentinels know each other', async () => {
      const views = await Promise.all(
        this.sentinels.map(async (sentinel) => {
          const seen = fields(await sentinel.call('SENTINEL', 'MASTER', this.masterName));
          return (
            seen.get('flags') === 'master' &&
            Number(seen.get('num-slaves')) >= replicas &&
            Number(seen.get('num-other-sentinels')) === this.sentinels.length - 1
          );
        }),
      );
      return views.every(Boolean) ? true : undefined;
    });
  }

  /** Every sentinel names the same new master, and it knows that it is one. */
  #switched(from: Server): Promise<Server> {
    return settled('the sentinels have another master', async () => {
      const alive = this.sentinels.filter((sentinel) => sentinel.alive);
      const ports = await Promise.all(alive.map((sentinel) => this.#address(sentinel)));
      if (ports.some((port) => port !== ports[0] || port === from.port)) return undefined;
      const to = this.#named(ports[0]!);
      return (await role(to)) === 'master' ? to : undefined;
    });
  }

  async #address(sentinel: Server): Promise<number> {
    const address = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.masterName);
    return Number(list(address)[1]);
  }

  #named(port: number): Server {
    const server = this.servers.find((one) => one.port === port);
    if (server === undefined) throw new Error(`port ${port} is none of these servers`);
    return server;
  }
}

async function caughtUp(replica: Server): Promise<void> {
  await settled(`port ${replica.port} has its master's data`, async () =>
    list(await replica.call('ROLE'))[3] === 'connected' ? true : undefined,
  );
}

async function role(server: Server): Promise<Reply> {
  return list(await server.call('ROLE'))[0]!;
}

/** Starts several; rejects only when all have come to an end, so that each can be stopped. */
async function all(count: number, start: () => Promise<void>): Promise<void> {
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  for (const one of started) if (one.status === 'rejected') throw one.reason;
}

function fields(reply: Reply): Map<string, string> {
  const words = list(reply).map(String);
  return new Map(words.flatMap((name, i) => (i % 2 === 0 ? [[name, words[i + 1]!]] : [])));
}
