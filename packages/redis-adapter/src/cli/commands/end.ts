import { confirm, contents, type Context, find, takingPart, within } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { glance, isStrange, type Seen } from '../look.js';
import { atMost, PATIENCE } from '../patience.js';
import { many, shown, time } from '../text.js';

/** Clearing waits until each consumer has said that it hands out nothing older: one that is blocked does not. */
const CLEAR_DEADLINE = 30_000;

export async function close(context: Context): Promise<void> {
  const { tell } = context;
  const found = await find(context);
  const { key, seen } = found;
  const name = shown(seen.name);
  if (!seen.closed) await confirm(context, `Close queue ${name} to new producers (${many(seen.stats.producers, 'producer')} open, ${contents(seen)})?`);
  await takingPart(context, found, async (queue) => {
    queue.close();
    // The answer to a later question says that it is done.
    await queue.stats();
  });
  tell([`Queue ${name} takes no new producers.${afterwards(seen)}`], { queue: seen.name, key, closed: true });
}

function afterwards({ stats }: Seen): string {
  if (stats.producers > 0) return ` ${many(stats.producers, 'producer')} may still put.`;
  return stats.size + stats.inHand === 0 ? ' Nothing was left in it, so it has ended.' : '';
}

export async function drain(context: Context): Promise<void> {
  const { given, tell } = context;
  const found = await find(context);
  const { key, seen } = found;
  const name = shown(seen.name);
  if (!seen.closed) await confirm(context, `Close queue ${name} to new producers, and wait until it is empty (${many(seen.stats.producers, 'producer')} open, ${contents(seen)})?`);
  if (seen.stats.consumers === 0 && seen.stats.size > 0) process.stderr.write(`millrace-redis: queue ${name} has no consumer: nobody takes what waits.\n`);
  const stopTelling = tellProgress(context, key);
  try {
    await takingPart(context, found, async (queue) => {
      const drained = async (): Promise<void> => {
        queue.close();
        await queue.stats();
        await queue.whenEnded();
      };
      await within(context, drained(), given.deadline, async () => {
        const [stats, blockers] = (await atMost(PATIENCE, Promise.all([queue.stats(), queue.blockers()]))) ?? [undefined, []];
        const what = stats === undefined ? ['the server does not answer'] : blockers.map(({ kind, id, items }) => `${kind} ${shown(id)}${items === undefined ? '' : ` (${String(items)})`}`);
        return new Failure(
          'DEADLINE_PASSED',
          EXIT.late,
          `Queue ${name} was not drained within ${time(given.deadline ?? 0)}: ${what.join(', ')}. It stays closed to new producers.`,
          { queue: seen.name, depth: stats?.size ?? null, inHand: stats?.inHand ?? null, producers: stats?.producers ?? null, blockers },
        );
      });
    });
  } finally {
    stopTelling();
  }
  tell([`Queue ${name} is drained: everything was taken and settled.`], { queue: seen.name, key, drained: true });
}

/** Says how far it is, once a second, where somebody looks on. */
function tellProgress({ given, connection }: Context, key: string): () => void {
  const { stderr } = process;
  if (given.json || !stderr.isTTY) return () => undefined;
  let wrote = false;
  const timer = setInterval(() => {
    glance(connection, key).then(
      (seen) => {
        if (seen === undefined || isStrange(seen)) return;
        wrote = true;
        stderr.write(`\r${contents(seen)}, ${many(seen.stats.producers, 'producer')} open\x1b[K`);
      },
      () => undefined,
    );
  }, 1000);
  return () => {
    clearInterval(timer);
    if (wrote) stderr.write('\r\x1b[K');
  };
}

export async function clear(context: Context): Promise<void> {
  const { given, tell } = context;
  const found = await find(context);
  const { key, seen } = found;
  const name = shown(seen.name);
  if (seen.stats.size > 0) await confirm(context, `Discard ${many(seen.stats.size, 'item')} that wait in queue ${name} (${String(seen.stats.inHand)} in hand stay)?`);
  const deadline = given.deadline ?? CLEAR_DEADLINE;
  const cleared = await takingPart(context, found, (queue) =>
    within(context, queue.clear(), deadline, () =>
      new Failure(
        'DEADLINE_PASSED',
        EXIT.late,
        `Queue ${name} was cleared, but not every process has confirmed within ${time(deadline)} that it hands out nothing older.`,
        { queue: seen.name },
      ),
    ),
  );
  tell([`${many(cleared, 'item')} of queue ${name} discarded.`], { queue: seen.name, key, cleared });
}
