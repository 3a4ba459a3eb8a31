import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { call, type Reply } from '../resp.ts';
import { clientOf, type ServerBinary, serversAtHand } from './binaries.ts';
import { guardedFolder, removeGuarded } from './guard.ts';
import { pickPort, returnPort } from './ports.ts';
import { type Exit, PortTaken, Run } from './process.ts';

/**
 * Directives of redis.conf. A string or number is the directive's one argument; an array has one text for each
 * time that the directive is given, with all its arguments, written as in redis.conf.
 */
export type Config = Readonly<Record<string, string | number | readonly string[]>>;

export interface ServerOptions {
  /** Which server. Default: the first of `serversAtHand()`. */
  readonly binary?: ServerBinary;
  readonly password?: string;
  /** Default `no`: nothing is written to disk. With the others a restart finds its data again. */
  readonly appendonly?: 'no' | 'everysec' | 'always';
  /** Bytes, or as in redis.conf: `10mb`. Default: no bound. */
  readonly maxmemory?: string | number;
  /** Default `noeviction`. */
  readonly maxmemoryPolicy?: string;
  readonly config?: Config;
  /** More arguments for the command line, such as `['--hz', '100']`. */
  readonly args?: readonly string[];
  /** How long it may take to start, in ms. Default 60,000. */
  readonly timeout?: number;
}

/** Starts a server on a free loopback port; its data is in a temporary folder. Resolves once it serves. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { password, appendonly = 'no', maxmemory, maxmemoryPolicy = 'noeviction' } = options;
  return Server.start(
    {
      save: '',
      appendonly: appendonly === 'no' ? 'no' : 'yes',
      appendfsync: appendonly === 'no' ? 'everysec' : appendonly,
      'maxmemory-policy': maxmemoryPolicy,
      // Replicas need not wait for others that may want the same copy.
      'repl-diskless-sync-delay': 0,
      'enable-debug-command': 'yes',
      ...(password === undefined ? {} : { requirepass: password, masterauth: password }),
      ...(maxmemory === undefined ? {} : { maxmemory }),
      ...options.config,
    },
    options,
  );
}

/** What `Server.start` takes beside the configuration. */
export interface StartOptions extends Omit<
  ServerOptions,
  'appendonly' | 'maxmemory' | 'maxmemoryPolicy' | 'config'
> {
  readonly sentinel?: boolean;
}

export interface RestartOptions {
  /** What the process is ended with. Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** Runs while there is no server. */
  readonly meanwhile?: () => Promise<void>;
}

/** A redis-server process of ours and its data. It can be killed and started again on the same port. */
export class Server {
  readonly binary: ServerBinary;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly password: string | undefined;
  /** `redis://127.0.0.1:PORT`, with the password if there is one. */
  readonly url: string;
  /** Its folder, with redis.conf and, where it appends, its data. */
  readonly folder: string;
  readonly #args: readonly string[];
  readonly #ready: RegExp;
  readonly #timeout: number;
  #run: Run | undefined;
  #launching: Promise<Run> | undefined;
  #earlier = '';
  #stopped: Promise<void> | undefined;

  private constructor(folder: string, port: number, options: StartOptions) {
    this.binary = options.binary ?? serversAtHand()[0]!;
    this.folder = folder;
    this.port = port;
    this.password = options.password;
    const auth = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
    this.url = `redis://${auth}127.0.0.1:${port}`;
    const sentinel = options.sentinel === true;
    this.#args = ['server.conf', ...(sentinel ? ['--sentinel'] : []), ...(options.args ?? [])];
    this.#ready = sentinel ? /Sentinel ID is/ : /Ready to accept connections/;
    this.#timeout = options.timeout ?? 60_000;
  }

  /** Starts a process with just this configuration, on another port if somebody was quicker to take it. */
  static async start(config: Config, options: StartOptions): Promise<Server> {
    for (let tries = 1; ; tries += 1) {
      const folder = await guardedFolder(options.sentinel === true ? 'sentinel' : 'server');
      const server = new Server(folder, await pickPort(), options);
      try {
        await server.#configure(config);
        await server.#launch();
        return server;
      } catch (error) {
        await server.stop();
        if (!(error instanceof PortTaken) || tries === 10) throw error;
      }
    }
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** Whether the process is there; a stopped one (SIGSTOP) is. */
  get alive(): boolean {
    return this.#run?.alive ?? false;
  }

  /** Resolves when the process that runs now is gone. */
  get exited(): Promise<Exit> {
    return this.#running().exited;
  }

  /** Everything written so far, by earlier runs too. */
  logs(): string {
    return this.#earlier + (this.#run?.text ?? '');
  }

  /** Resolves with the match once the present run has written it, or has already. */
  wrote(pattern: RegExp, timeout = 60_000): Promise<RegExpExecArray> {
    return this.#running().wrote(pattern, timeout);
  }

  /** One command over a connection of its own. An error reply rejects with a `ServerRefusal`. */
  call(...command: (string | number)[]): Promise<Reply> {
    return call({ port: this.port, password: this.password }, ...command);
  }

  /** Runs the command line client against it, and resolves with what that printed. */
  async cli(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(
      clientOf(this.binary),
      ['-h', this.host, '-p', String(this.port), '--no-auth-warning', ...args],
      { env: { ...process.env, ...(this.password ? { REDISCLI_AUTH: this.password } : {}) } },
    );
    return stdout.trimEnd();
  }

  /** Sends a signal; resolves when the process is gone, or at once for SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#running().kill(signal);
  }

  /**
   * Ends the process if it is there and starts it again: same port, same folder. What was not written to
   * disk is lost.
   */
  async restart({ signal = 'SIGTERM', meanwhile }: RestartOptions = {}): Promise<void> {
    if (this.alive) await this.kill(signal);
    await meanwhile?.();
    const deadline = performance.now() + this.#timeout;
    while (true) {
      try {
        await this.#launch();
        return;
      } catch (error) {
        if (!(error instanceof PortTaken) || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Kills the process and removes its folder. Harmless when it has been done. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    // It may be about to come back. One that failed to start is dead already.
    const run = await this.#launching?.catch(() => undefined);
    await run?.kill('SIGKILL');
    await removeGuarded(this.folder);
    returnPort(this.port);
  }

  async #configure(config: Config): Promise<void> {
    const all: Config = { bind: this.host, port: this.port, dir: this.folder, ...config };
    const lines = Object.entries(all)
      .filter(([name]) => !unknownTo(this.binary, name))
      .flatMap(([name, value]) =>
        typeof value === 'object'
          ? value.map((rest) => `${name} ${rest}`)
          : `${name} ${JSON.stringify(String(value))}`,
      );
    await writeFile(path.join(this.folder, 'server.conf'), `${lines.join('\n')}\n`);
  }

  async #launch(): Promise<void> {
    if (this.#stopped !== undefined) throw new Error('this server has been stopped for good');
    this.#earlier = this.logs();
    this.#run = undefined;
    this.#launching = Run.start({
      binary: this.binary,
      folder: this.folder,
      args: this.#args,
      ready: this.#ready,
      timeout: this.#timeout,
    });
    this.#run = await this.#launching;
  }

  #running(): Run {
    if (this.#run === undefined) throw new Error(`no server was started on port ${this.port}`);
    return this.#run;
  }
}

/** Directives that 6.2 does not have, and does without. */
function unknownTo({ kind, version }: ServerBinary, directive: string): boolean {
  return kind === 'redis' && version[0] < 7 && directive === 'enable-debug-command';
}
