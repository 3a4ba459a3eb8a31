// Everything at once: connections or scripts fail every 100 ms, processes are killed and stopped every 2 s, the server is killed
// every 10 s, and a ledger keeps account. The test does it for a while, `npm run soak` until so many items have passed.

import type { QueueStats } from '@millrace/core';

import { isRunning } from '../support/leftovers.ts';
import { startProxy, type TcpProxy } from '../support/proxy.ts';
import { type Random, seeded } from '../support/proxy/random.ts';
import { type Server, startServer } from '../support/servers.ts';
import { type Account, Ledger, pause, type Program } from './ledger.ts';

/**
 * How often, in ms. Connections and scripts fail in turns, one of them every 100 ms: faults of connections last for a while, so that
 * the next one of these comes some 200 ms after the one before.
 */
const RHYTHM = { connections: 155, scripts: 200, processes: 2000, servers: 10_000 } as const;

/** Of each kind: the storm does not end while nobody is left. */
const PROGRAMS = 3;
/** A consumer lets its event loop turn after so many items: how many it uses in a turn says how many it fetches ahead. */
const BURST = 200;
/** A stopped process stays so for up to so long, in ms: more than twice its lease. */
const STOPPED = 2200;
/** Once the storm is over, so long until all are through and have ended, in ms: on a busy machine. */
const CALM = 120_000;

export interface StormOptions {
  /** Whether it has gone on for long enough. */
  readonly enough: (state: Progress) => boolean;
  /** What is random is the same for the same seed, as far as the machine lets it. */
  readonly seed: number;
  /** Puts of each producer that wait at once. Default 32. */
  readonly lanes?: number;
  /** Of the queue. Default 1000. */
  readonly capacity?: number;
  /** Between two calls of `progress`, in ms. */
  readonly every?: number;
  readonly progress?: (state: Progress) => void;
}

/** What was done to them so far. */
export interface Faults {
  connections: number;
  scripts: number;
  clients: number;
  kills: number;
  stops: number;
  restarts: number;
}

export interface Progress {
  readonly ms: number;
  readonly settled: number;
  readonly faults: Faults;
}

export interface StormReport {
  readonly ms: number;
  readonly account: Account;
  readonly stats: QueueStats;
  readonly faults: Faults;
  /** What is still there that should be gone, in words. */
  readonly left: readonly string[];
}

/** What a report says against the queue; nothing, if all is well. */
export function complaints({ account, stats, left }: StormReport): string[] {
  const found: string[] = [];
  const none = (what: string, ids: readonly string[]): void => {
    if (ids.length > 0) found.push(`${String(ids.length)} ${what}: ${ids.slice(0, 5).join(', ')}`);
  };
  none('confirmed and lost', account.lost);
  none('delivered twice without a mark', account.unmarked);
  none('delivered twice with one fence', account.unfenced);
  none('settled by a stale lease', account.unsettled);
  none('programs failed', account.failures);
  none('left behind', left);
  const { size, inHand, put, acked, dropped, cleared, dead, producers, consumers } = stats;
  const over = { size, inHand, dropped, cleared, dead, producers, consumers };
  for (const [what, count] of Object.entries(over))
    if (count !== 0) found.push(`${what} is ${String(count)} at the end`);
  // Each id was put once, however often that was tried, and acked once, however often it was delivered.
  for (const [what, count] of Object.entries({ put, acked }))
    if (count !== account.taken)
      found.push(`${what} is ${String(count)}, though ${String(account.taken)} ids were taken`);
  return found;
}

export async function storm(options: StormOptions): Promise<StormReport> {
  const random = seeded(options.seed);
  await using server = await startServer({
    appendonly: 'always',
    // What it reads when it comes back is kept short.
    config: { 'auto-aof-rewrite-min-size': '4mb' },
  });
  await using proxy = await startProxy({ target: server.port, seed: options.seed });
  await using ledger = new Ledger({
    redis: { url: proxy.url },
    look: { url: server.url },
    capacity: options.capacity ?? 1000,
    spares: true,
    told: { lanes: options.lanes ?? 32, burst: BURST },
  });
  await ledger.revive(PROGRAMS, PROGRAMS);
  const from = performance.now();
  const faults: Faults = {
    connections: 0,
    scripts: 0,
    clients: 0,
    kills: 0,
    stops: 0,
    restarts: 0,
  };
  const state = (): Progress => ({
    ms: performance.now() - from,
    settled: ledger.settled,
    faults: { ...faults, connections: cuts.done.length },
  });
  const over = new AbortController();
  const cuts = proxy.every(RHYTHM.connections, options.seed);
  const blows = [
    again(RHYTHM.scripts, over.signal, (n) => scripts(server, n, faults)),
    again(RHYTHM.processes, over.signal, () => processes(ledger, random, faults, over.signal)),
    again(RHYTHM.servers, over.signal, async () => {
      faults.restarts++;
      await server.restart({ signal: 'SIGKILL' });
    }),
    again(options.every ?? 1000, over.signal, async () => options.progress?.(state())),
  ];
  const done = until(() => options.enough(state()), over.signal);
  try {
    // The blows end only if one of them fails.
    await Promise.race([done, Promise.all(blows)]);
  } finally {
    over.abort();
    await Promise.allSettled(blows);
    await cuts.stop();
  }
  await ledger.revive(PROGRAMS, PROGRAMS);
  const { account, stats } = await ledger.end(CALM);
  const { faults: all } = state();
  return {
    account,
    stats,
    faults: all,
    left: await leftovers(server, proxy, ledger),
    ms: performance.now() - from,
  };
}

/** Looks, and takes away one after the other what the rest may still use. */
async function leftovers(server: Server, proxy: TcpProxy, ledger: Ledger): Promise<string[]> {
  const left = ledger.running().map(({ name }) => `program ${name}`);
  // Whoever was killed of late still has a lease: the last one to leave sees to what it leaves behind.
  const [sessions] = (await server.call('KEYS', '*:sessions')) as unknown[];
  while (Number(await server.call('HLEN', String(sessions))) > 1) await pause(100);
  await ledger.leave();
  const keys = (await server.call('KEYS', '*')) as unknown[];
  left.push(...keys.map((key) => `key ${String(key)}`));
  const clients = String(await server.call('CLIENT', 'LIST'))
    .trim()
    .split('\n');
  // One of them asks.
  if (clients.length > 1)
    left.push(`${String(clients.length - 1)} connections to the server: ${clients.join('; ')}`);
  if (proxy.connections > 0)
    left.push(`${String(proxy.connections)} connections by way of the proxy`);
  const { pid } = server;
  await proxy.close();
  await server.stop();
  if (isRunning(pid)) left.push(`the server, process ${String(pid)}`);
  return left;
}

async function scripts(server: Server, n: number, faults: Faults): Promise<void> {
  try {
    if (n % 2 === 0) {
      await server.call('SCRIPT', 'FLUSH');
      faults.scripts++;
    } else {
      await server.call(
        'CLIENT',
        'KILL',
        'TYPE',
        n % 4 === 1 ? 'normal' : 'pubsub',
        'SKIPME',
        'yes',
      );
      faults.clients++;
    }
  } catch {
    // There is no server now, or it is reading its data: that is fault enough.
  }
}

/** Kills one, puts another in its place, and stops one that goes on after a while. */
async function processes(
  ledger: Ledger,
  random: Random,
  faults: Faults,
  signal: AbortSignal,
): Promise<void> {
  const any = (): Program | undefined => {
    const all = ledger.running();
    return all[Math.floor(random() * all.length)];
  };
  const victim = any();
  victim?.child.kill('SIGKILL');
  await victim?.exit;
  faults.kills++;
  // It joins while connections fail: nobody waits for that. Whoever ended by itself shows in the account.
  void ledger.revive(PROGRAMS, PROGRAMS);
  const stopped = any();
  stopped?.child.kill('SIGSTOP');
  faults.stops++;
  void pauseOr(random() * STOPPED, signal).then(() => stopped?.child.kill('SIGCONT'));
}

/** Acts every so many ms, as far as the acts leave time. */
async function again(
  every: number,
  signal: AbortSignal,
  act: (n: number) => Promise<void>,
): Promise<void> {
  let next = performance.now() + every;
  for (let n = 0; ; n++) {
    await pauseOr(Math.max(0, next - performance.now()), signal);
    if (signal.aborted) return;
    next = Math.max(next + every, performance.now());
    await act(n);
  }
}

async function until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !isSo()) await pause(200);
}

/** Ends early when that is due. */
function pauseOr(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
