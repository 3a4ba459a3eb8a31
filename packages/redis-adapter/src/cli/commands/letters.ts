import { MillraceError } from '@millrace/core';
import { readLetter } from '../../queue/dead-letters.js';
import { defaultValues } from '../../values.js';
import { confirm, type Context, find, type Found, noSuchQueue, takingPart } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { lettersOf, type SeenLetters } from '../look.js';
import { plain } from '../plain.js';
import { harmless, many, shown, table } from '../text.js';

interface Shown {
  readonly id: string;
  readonly attempts: number;
  readonly at: string;
  readonly error: unknown;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>> | null;
}

export async function letters(context: Context): Promise<void> {
  const { given, connection, tell } = context;
  const { key, seen } = await find(context);
  const found = await lettersOf(connection, key, given.max);
  if (found === undefined) throw noSuchQueue(given, given.names[0] ?? '');
  const read = readAll(found);
  const rows = read.map(({ id, attempts, at, error, value }) => [shown(id, 80), attempts, at, errorText(error), short(JSON.stringify(value), 100)]);
  tell(
    [
      ...(read.length === 0 ? [`Queue ${shown(seen.name)} has no dead letters.`] : table(['ID', 'ATTEMPTS', 'GIVEN UP', 'ERROR', 'VALUE'], rows)),
      ...(read.length < found.total ? ['', `${String(read.length)} of ${many(found.total, 'dead letter')}; --max shows more, and --json each as a whole.`] : []),
    ],
    { queue: seen.name, key, total: found.total, letters: read },
  );
}

function readAll({ letters: all, bytes }: SeenLetters): Shown[] {
  let at = 0;
  return all.map(([id, attempts, when, bodyLength, reasonLength]) => {
    const from = at;
    at += bodyLength + reasonLength;
    // What a codec of the user's has written is shown as its bytes.
    const { value, headers, error } = readLetter(bytes.subarray(from, at), bodyLength, defaultValues);
    return { id, attempts, at: new Date(when).toISOString(), error: plain(error), value: plain(value), headers: headers ?? null };
  });
}

function errorText(error: unknown): string {
  const { $error } = (error ?? {}) as { $error?: { name: string; message: string; code?: unknown } };
  if ($error === undefined) return typeof error === 'object' && error !== null && '$undefined' in error ? '-' : short(JSON.stringify(error), 60);
  const { name, message, code } = $error;
  return short(`${typeof code === 'string' ? code : name}: ${message}`, 60);
}

function short(text: string, most: number): string {
  const points = Array.from(harmless(text));
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}

export async function putBack(context: Context): Promise<void> {
  await each(context, {
    question: 'Put back',
    to: ' to its tail',
    done: 'put back',
    does: (queue, ids) => queue.deadLetters.putBack(ids),
    check: ({ seen }) => {
      if (seen.gate && !seen.ready)
        throw new Failure('NOT_READY', EXIT.failed, `Queue ${shown(seen.name)} is not ready, and takes no items. Nothing was changed.`);
    },
  });
}

export async function purge(context: Context): Promise<void> {
  await each(context, { question: 'Forget', to: ' for good', done: 'purged', does: (queue, ids) => queue.deadLetters.purge(ids), check: () => undefined });
}

interface Mending {
  readonly question: string;
  readonly to: string;
  readonly done: string;
  readonly does: (queue: Parameters<Parameters<typeof takingPart>[2]>[0], ids: readonly string[] | 'all') => number | Promise<number>;
  readonly check: (found: Found) => void;
}

/** Does something with the dead letters that were named, or with all; with none of them where one is not known. */
async function each(context: Context, { question, to, done, does, check }: Mending): Promise<void> {
  const { given, connection, tell } = context;
  const found = await find(context);
  check(found);
  const { key, seen } = found;
  const ids = [...new Set(given.names.slice(1))];
  if (!given.all) {
    const there = await lettersOf(connection, key, Infinity);
    const known = new Set(there?.letters.map(([id]) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw new Failure(
        'NO_SUCH_LETTER',
        EXIT.unknown,
        `Queue ${shown(seen.name)} has no dead letter ${unknown.map((id) => shown(id, 200)).join(', ')}. Nothing was changed.`,
        { queue: seen.name, ids: unknown },
      );
  }
  const count = given.all ? seen.letters : ids.length;
  const which = given.all ? `all ${many(count, 'dead letter')}` : many(count, 'dead letter');
  let changed = 0;
  if (count > 0) {
    await confirm(context, `${question} ${which} of queue ${shown(seen.name)}${to}?`);
    changed = await takingPart(context, found, async (queue) => does(queue, given.all ? 'all' : ids));
  }
  if (!given.all && changed < count)
    throw new MillraceError('COMMAND_FAILED', `${String(changed)} of ${many(count, 'dead letter')} ${done}: somebody else was quicker with the others.`, {
      queue: seen.name,
      changed,
    });
  tell([`${many(changed, 'dead letter')} of queue ${shown(seen.name)} ${done}.`], { queue: seen.name, key, changed });
}
