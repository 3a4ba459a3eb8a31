import { numberOf } from '../../connection/replies.js';
import { LAYOUT, REMOVE } from '../../home/scripts.js';
import { confirm, contents, type Context, find, noSuchQueue } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { lookClosely } from '../look.js';
import { many, shown } from '../text.js';

export async function remove(context: Context): Promise<void> {
  const { given, connection, tell } = context;
  const { key, seen } = await find(context);
  const name = shown(seen.name);
  const inUse = (sessions: number): Failure =>
    new Failure(
      'QUEUE_IN_USE',
      EXIT.failed,
      `Queue ${name} is in use: ${many(sessions, 'session has a lease', 'sessions have leases')} on it. End those processes first, or say --force: then they are told that it is gone. Nothing was changed.`,
      { queue: seen.name, sessions },
    );
  const alive = (await lookClosely(connection, key))?.sessions.filter(({ left }) => left > 0).length ?? 0;
  if (alive > 0 && !given.force) throw inUse(alive);
  await confirm(
    context,
    `Remove queue ${name} with all it has (${contents(seen)}, ${many(seen.sessionCount, 'session')})${given.force ? ', in use or not' : ''}?`,
  );
  const told = `Queue "${seen.name}" was removed by an operator.`;
  const reply = await connection.run(REMOVE, [key], [String(LAYOUT), connection.publish, given.force ? '1' : '0', told]);
  const [status = 3, waiting = 0, inHand = 0, letters = 0, sessions = 0] = (reply as (number | Buffer)[]).map(numberOf);
  if (status === 7) throw inUse(waiting);
  // Somebody else was quicker.
  if (status !== 0) throw noSuchQueue(given, given.names[0] ?? '');
  tell(
    [`Queue ${name} removed: ${many(waiting, 'item')} waiting, ${String(inHand)} in hand, ${many(letters, 'dead letter')}, ${many(sessions, 'session')}.`],
    { queue: seen.name, key, removed: { waiting, inHand, deadLetters: letters, sessions } },
  );
}
