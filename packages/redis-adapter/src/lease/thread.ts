import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../connection/index.js';
import { TURN } from '../home/scripts.js';
import { packMessages } from '../session/wire.js';
import type { Kept, KeeperData, ToKeeper } from './keeper.js';

const { connect: options, interval } = workerData as KeeperData;
const connection = connect(options);
const sessions = new Map<string, Kept>();
const NOTHING = packMessages([]);

async function renew({ key, session, token }: Kept): Promise<void> {
  // What becomes of the lease is the session's own affair: it hears of it by its next turn.
  await connection.run(TURN, [key], [session, String(token), '-1', '0', connection.publish, '', '0', NOTHING]);
}

const timer = setInterval(() => {
  for (const kept of sessions.values()) renew(kept).catch(() => undefined);
}, interval);

parentPort?.on('message', (message: ToKeeper) => {
  if (message === 'end') {
    clearInterval(timer);
    parentPort?.close();
    void connection.close();
  } else if ('add' in message) sessions.set(message.add.session, message.add);
  else sessions.delete(message.remove);
});
