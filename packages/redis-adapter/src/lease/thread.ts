import { parentPort, workerData } from 'node:worker_threads';
import type { Connection } from '../connection/index.js';
import { monotonic } from './clock.js';
import type { KeeperData, Kept, ToKeeper } from './keeper.js';

const { connect: options, interval } = workerData as KeeperData;
const sessions = new Map<string, Kept>();

/**
 * From which interval on, in ms, it connects only once it has to: there is time for that, and most processes never need it.
 * Loading a client takes more time than all else in the start of a process.
 */
const LEISURE = 3000;

interface Means {
  readonly connection: Connection;
  readonly renew: (kept: Kept) => Promise<unknown>;
}

let means: Promise<Means> | undefined;

async function load(): Promise<Means> {
  const [{ connect }, { TURN }, { packMessages }] = await Promise.all([
    import('../connection/index.js'),
    import('../home/scripts.js'),
    import('../session/wire.js'),
  ]);
  const connection = connect(options);
  const nothing = packMessages([]);
  return {
    connection,
    // What becomes of the lease is the session's own affair: it hears of it by its next turn.
    renew: ({ key, session, token }) =>
      connection.run(TURN, [key], [session, String(token), '-1', '0', connection.publish, '', '0', nothing]),
  };
}

async function keep(): Promise<void> {
  const now = monotonic();
  const silent = [...sessions.values()].filter(({ renewed }) => now - renewed[0]! >= interval);
  if (silent.length === 0) return;
  const { renew } = await (means ??= load());
  for (const kept of silent) {
    const at = monotonic();
    renew(kept).then(
      () => {
        if (kept.renewed[0]! < at) kept.renewed[0] = at;
      },
      () => undefined,
    );
  }
}

async function end(): Promise<void> {
  clearInterval(timer);
  parentPort?.close();
  await (await means)?.connection.close();
}

if (interval < LEISURE) means = load();
// Twice as often: a lease that is almost due would otherwise wait for as long again.
const timer = setInterval(() => void keep(), interval / 2);

parentPort?.on('message', (message: ToKeeper) => {
  if (message === 'end') void end();
  else if ('add' in message) sessions.set(message.add.session, message.add);
  else sessions.delete(message.remove);
});
