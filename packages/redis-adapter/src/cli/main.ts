import { readFileSync } from 'node:fs';
import { type Given, HELP, readArgs } from './args.js';
import { close, clear, drain } from './commands/end.js';
import { letters, purge, putBack } from './commands/letters.js';
import { list } from './commands/list.js';
import { remove } from './commands/remove.js';
import { show } from './commands/show.js';
import { watch } from './commands/watch.js';
import type { Context } from './context.js';
import { EXIT, type Failure, failureOf } from './failure.js';
import { PATIENCE } from './patience.js';
import { reach } from './server.js';
import { harmless } from './text.js';

/** Does what a command does; answers where it did. Otherwise it throws a {@link Failure}. */
type Command = (context: Context) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  ...{ list, show, watch, letters, purge, close, drain, clear, remove },
  'put-back': putBack,
};

/** Runs one command line, and answers its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads no further has heard enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed));
  let given: Given | 'help' | 'version';
  try {
    given = readArgs(argv, process.env);
  } catch (error) {
    return complain(failureOf(error), argv.includes('--json'));
  }
  if (given === 'help' || given === 'version') {
    process.stdout.write(given === 'help' ? HELP : `${version()}\n`);
    return EXIT.done;
  }
  return run(given);
}

async function run(given: Given): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // The second time it does not wait for anything.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
    // Whatever waits for a server that does not answer is ended all the same.
    setTimeout(() => process.exit(EXIT.interrupted), PATIENCE).unref();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const connection = await Promise.race([reach(given), fired(interrupted.signal)]);
    if (connection === undefined) process.exit(EXIT.interrupted);
    try {
      await commands[given.command]?.({
        given,
        connection,
        signal: interrupted.signal,
        tell: (lines, object) => {
          process.stdout.write(given.json ? `${JSON.stringify(object)}\n` : lines.map((line) => `${line}\n`).join(''));
        },
      });
      return EXIT.done;
    } finally {
      await connection.close();
    }
  } catch (error) {
    return complain(failureOf(error), given.json);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function fired(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function complain({ code, message, details, exit }: Failure, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
  else process.stderr.write(`millrace-redis: ${harmless(message)}\n`);
  return exit;
}

function version(): string {
  const text = readFileSync(new URL(import.meta.resolve('@millrace/redis-adapter/package.json')), 'utf8');
  const { version: found } = JSON.parse(text) as { version: string };
  return found;
}
