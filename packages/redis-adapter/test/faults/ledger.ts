// Producers and consumers in processes of their own, and what they wrote down of each id. Whatever is done to them and
// to the server, the ledger says what was lost, and what came twice without saying so.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { IterableQueue, type QueueStats } from '@millrace/core';
import { redis, type RedisOptions } from '@millrace/redis-adapter';

import { type Account, Book, brief } from './book.ts';

export { type Account, brief } from './book.ts';

export interface LedgerOptions {
  /** For the programs: where they connect. */
  readonly redis: RedisOptions;
  /** For the rig itself, which looks at the queue: not by way of what is made to fail. */
  readonly look: RedisOptions;
  readonly capacity?: number;
  /** Programs are started ahead of need, one of each kind, so that one that ends is soon replaced even on a busy machine. */
  readonly spares?: boolean;
  /** For each program, in its command line. */
  readonly told?: Readonly<Record<string, unknown>>;
}

export type Role = 'producer' | 'consumer';

export interface Program {
  readonly role: Role;
  readonly name: string;
  readonly child: ChildProcess;
  /** Resolves once it takes part in the queue. */
  readonly ready: Promise<void>;
  /** Its code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

/** How long the programs' leases last, in ms. */
const LEASE = 1000;

let ledgers = 0;

export class Ledger {
  readonly queue: IterableQueue<string>;
  readonly programs: Program[] = [];
  private readonly options: LedgerOptions;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'millrace-ledger-'));
  private readonly name = `ledger ${String(process.pid)} ${String(++ledgers)}`;
  private readonly transport;
  private readonly book = new Book();
  private readonly spares = new Map<Role, Program>();
  private started = 0;

  constructor(options: LedgerOptions) {
    this.options = options;
    this.transport = redis({ connectTimeout: 30_000, ...options.look });
    this.queue = new IterableQueue<string>({
      transport: this.transport,
      name: this.name,
      capacity: options.capacity ?? 1000,
    });
  }

  /** `shift` is what its clocks are off by, in ms. */
  start(role: Role, more: Readonly<Record<string, unknown>> = {}, shift?: number): Program {
    const program = this.spares.get(role) ?? this.spawn(role, more, shift);
    this.spares.delete(role);
    program.child.stdin?.write('go\n');
    this.programs.push(program);
    if (this.options.spares === true) this.spares.set(role, this.spawn(role));
    return program;
  }

  private spawn(role: Role, more: Readonly<Record<string, unknown>> = {}, shift?: number): Program {
    const name = `${role[0] ?? ''}${String(++this.started)}`;
    const file = path.join(this.folder, name);
    this.book.add(file);
    const told = {
      name,
      queue: this.name,
      capacity: this.options.capacity ?? 1000,
      redis: { lease: LEASE, ...this.options.redis },
      ledger: file,
      ...this.options.told,
      ...more,
    };
    const module = new URL(`./programs/${role}.mjs`, import.meta.url).pathname;
    const ahead =
      shift === undefined
        ? []
        : ['--import', new URL('./programs/shifted.mjs', import.meta.url).href];
    const child = spawn(process.execPath, [...ahead, module, JSON.stringify(told)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, CLOCK_SHIFT: String(shift) },
    });
    const exit = once(child, 'exit').then(
      ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
    );
    child.stdin.on('error', () => undefined);
    const ready = Promise.race([once(child.stdout, 'data'), exit]).then(() => undefined);
    return { role, name, child, ready, exit };
  }

  running(role?: Role): readonly Program[] {
    return this.programs.filter(
      ({ child, role: is }) =>
        child.exitCode === null && child.signalCode === null && (role === undefined || is === role),
    );
  }

  /** Kills one, and starts another in its place, which takes part when this resolves. */
  async replace(program: Program, signal: NodeJS.Signals = 'SIGKILL'): Promise<Program> {
    program.child.kill(signal);
    await program.exit;
    const next = this.start(program.role);
    await next.ready;
    return next;
  }

  /** Starts another one for each that has ended by itself, as a supervisor does. */
  async revive(producers: number, consumers: number): Promise<void> {
    const missing = [
      ...Array.from(
        { length: producers - this.running('producer').length },
        () => 'producer' as const,
      ),
      ...Array.from(
        { length: consumers - this.running('consumer').length },
        () => 'consumer' as const,
      ),
    ];
    await Promise.all(missing.map((role) => this.start(role).ready));
  }

  /** Ends the producers, lets the consumers take what is left, and ends these too. */
  async finish(within = 30_000): Promise<{ account: Account; stats: QueueStats }> {
    await Promise.all(this.running('producer').map((program) => stop(program)));
    const until = performance.now() + within;
    for (;;) {
      const { size, inHand } = await this.queue.stats();
      if (size + inHand === 0) break;
      if (performance.now() > until)
        throw new Error(
          `${String(size)} items still wait, and ${String(inHand)} are in hand: ${brief(this.read())}`,
        );
      if (this.running('consumer').length === 0) this.start('consumer');
      await pause(50);
    }
    await Promise.all(this.running('consumer').map((program) => stop(program)));
    return { account: this.read(), stats: await this.queue.stats() };
  }

  /**
   * Closes the queue and ends the producers; then the consumers have to end by themselves. What ended otherwise than it was to is among
   * the account's failures.
   */
  async end(within: number): Promise<{ account: Account; stats: QueueStats }> {
    await this.dismiss();
    await this.whole(within);
    this.queue.close();
    const ended = Promise.all([
      ...this.running('producer').map((program) => stop(program)),
      ...this.running('consumer').map(({ exit }) => exit),
      this.queue.ended(),
    ]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, within, 'late');
    });
    if ((await Promise.race([ended, late])) === 'late') {
      const running = this.running().map(({ name }) => name);
      const state = JSON.stringify({
        running,
        stats: await this.queue.stats(),
        blockers: await this.queue.blockers(),
      });
      throw new Error(
        `not everybody has ended within ${String(within)} ms: ${state} ${brief(this.read())}`,
      );
    }
    clearTimeout(timer);
    return { account: this.read(), stats: await this.queue.stats() };
  }

  /** What has been written down so far. */
  read(): Account {
    return this.book.read();
  }

  /** How many ids were taken so far: how far it has come. */
  get taken(): number {
    return this.book.progress.taken;
  }

  /** How many were settled. */
  get settled(): number {
    return this.book.progress.settled;
  }

  /** Resolves when more have been taken than so many, with the ms that it took; fails after `within` ms. */
  async moves(within: number, beyond = this.taken): Promise<number> {
    const from = performance.now();
    while (this.taken <= beyond) {
      if (performance.now() - from > within)
        throw new Error(`nothing was taken for ${String(within)} ms: ${brief(this.read())}`);
      await pause(20);
    }
    return performance.now() - from;
  }

  /** Whoever runs takes part: nobody is about to join, or to come back from a lease that it lost, and finds the queue closed. */
  private async whole(within: number): Promise<void> {
    await Promise.all(this.running().map(({ ready }) => ready));
    const until = performance.now() + within;
    let since = performance.now();
    // For longer than a lease: until then who was killed may count in the place of who is not back yet.
    while (performance.now() - since < LEASE + 500) {
      const { producers, consumers } = await this.queue.stats();
      const all =
        producers === this.running('producer').length &&
        consumers === this.running('consumer').length;
      if (!all) since = performance.now();
      if (performance.now() > until)
        throw new Error(
          `${String(producers)} producers and ${String(consumers)} consumers take part, of those that run: ${this.running()
            .map(({ name }) => name)
            .join(', ')}`,
        );
      await pause(50);
    }
  }

  /** Ends those that have not begun. */
  private async dismiss(): Promise<void> {
    const spares = [...this.spares.values()];
    this.spares.clear();
    for (const { child } of spares) child.kill('SIGKILL');
    await Promise.all(spares.map(({ exit }) => exit));
  }

  /** The rig's own end of the queue goes: whoever is last takes the queue's keys along, where it has ended. */
  leave(): Promise<void> {
    return this.transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dismiss();
    const all = this.running();
    for (const { child } of all) child.kill('SIGKILL');
    await Promise.all(all.map(({ exit }) => exit));
    await this.leave();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function stop(program: Program): Promise<void> {
  program.child.stdin?.end('stop\n');
  await program.exit;
}
