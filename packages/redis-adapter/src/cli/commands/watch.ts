import { hasCode } from '@millrace/core';
import { queueKey } from '../../queue/names.js';
import type { Context } from '../context.js';
import { noSuchQueue } from '../context.js';
import type { Seen } from '../look.js';
import { queueKeys } from '../server.js';
import { stateOf } from '../summary.js';
import { shown, sparkline, table } from '../text.js';
import { type Glance, glances, known, nameOf } from './list.js';
import { Screen } from './screen.js';

/** How many moments a sparkline shows. */
const WIDE = 24;
/** How often all queues are looked for anew, in ms: those that were named are known. */
const SEARCH = 10_000;

interface Rates {
  readonly put: number;
  readonly taken: number;
  readonly acked: number;
}

interface Line extends Glance<Seen> {
  /** A second; null at first. */
  readonly rates: Rates | null;
  readonly depths: readonly number[];
  readonly puts: readonly number[];
}

/** What was seen of queues before. */
class History {
  private readonly lines = new Map<string, Line>();

  add(all: readonly Glance<Seen>[]): Line[] {
    const now = all.map(({ key, seen }) => {
      const before = this.lines.get(key);
      const rates = before === undefined ? null : ratesOf(before.seen, seen);
      return {
        ...{ key, seen, rates },
        depths: [...(before?.depths ?? []), seen.stats.size].slice(-WIDE),
        puts: [...(before?.puts ?? []), ...(rates === null ? [] : [rates.put])].slice(-WIDE),
      };
    });
    this.lines.clear();
    for (const line of now) this.lines.set(line.key, line);
    return now;
  }
}

function ratesOf(before: Seen, now: Seen): Rates | null {
  const seconds = (now.time - before.time) / 1000;
  // It was made anew, or the server's clock was set.
  if (seconds <= 0 || before.generation !== now.generation) return null;
  const rate = (count: 'put' | 'taken' | 'acked'): number => Math.max(0, (now.stats[count] - before.stats[count]) / seconds);
  return { put: rate('put'), taken: rate('taken'), acked: rate('acked') };
}

export async function watch(context: Context): Promise<void> {
  const { given, connection } = context;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const screen = process.stdout.isTTY && !given.json ? new Screen(() => ended.abort()) : undefined;
  const history = new History();
  const named = given.names.map((name) => (given.byKey ? name : queueKey(given.prefix, name)));
  let keys = named;
  let searched = -Infinity;

  const round = async (): Promise<Line[]> => {
    if (named.length === 0 && performance.now() - searched > SEARCH) {
      keys = await queueKeys(connection, given.prefix);
      searched = performance.now();
    }
    return history.add(known(await glances(connection, keys)));
  };

  try {
    for (let done = 0; done < given.count && !signal.aborted; done++) {
      const next = performance.now() + given.interval;
      const lines = await unless(signal, lookOn(round, screen, signal));
      if (lines === undefined) return;
      if (done === 0) for (const [i, key] of named.entries()) if (!lines.some((line) => line.key === key)) throw noSuchQueue(given, given.names[i] ?? '');
      if (screen === undefined) process.stdout.write(given.json ? inJson(lines) : inText(lines));
      else screen.draw((rows) => page(lines, given.prefix, rows));
      if (done + 1 < given.count) await pause(next - performance.now(), signal);
    }
  } finally {
    screen?.restore();
  }
}

/** Goes on when the connection is lost, and says meanwhile that nothing comes. */
async function lookOn(round: () => Promise<Line[]>, screen: Screen | undefined, signal: AbortSignal): Promise<Line[]> {
  const since = Date.now();
  const timer = setInterval(() => screen?.note(`no answer for ${String(Math.round((Date.now() - since) / 1000))} s`), 1000);
  try {
    for (;;) {
      try {
        return await round();
      } catch (error) {
        if (signal.aborted || !hasCode(error, 'CONNECTION_LOST')) throw error;
      }
    }
  } finally {
    clearInterval(timer);
  }
}

/** Undefined when it fires first. */
async function unless<T>(signal: AbortSignal, waiting: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      waiting,
      new Promise<undefined>((resolve) => {
        if (signal.aborted) resolve(undefined);
        signal.addEventListener('abort', () => resolve(undefined), { signal: stop.signal });
      }),
    ]);
  } finally {
    stop.abort();
    // What fails after it was given up is nobody's concern.
    waiting.catch(() => undefined);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  await unless(
    signal,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    }),
  );
  clearTimeout(timer);
}

function inJson(lines: readonly Line[]): string {
  const queues = lines.map(({ key, seen, rates }) => {
    const { stats, letters } = seen;
    const rate = rates === null ? null : { put: round(rates.put), taken: round(rates.taken), acked: round(rates.acked) };
    return { name: seen.name, key, state: stateOf(seen), depth: stats.size, inHand: stats.inHand, deadLetters: letters, perSecond: rate };
  });
  return `${JSON.stringify({ at: new Date().toISOString(), queues })}\n`;
}

function inText(lines: readonly Line[]): string {
  const at = new Date().toISOString();
  if (lines.length === 0) return `${at} no queues\n`;
  return lines
    .map(({ key, seen, rates }) => {
      const { stats, letters } = seen;
      const perSecond = rates === null ? '' : ` put/s=${text(rates.put)} taken/s=${text(rates.taken)} acked/s=${text(rates.acked)}`;
      return `${at} ${nameOf(key, seen)} state=${stateOf(seen).replace(' ', '-')} depth=${String(stats.size)} in-hand=${String(stats.inHand)} dead=${String(letters)}${perSecond}\n`;
    })
    .join('');
}

function page(lines: readonly Line[], prefix: string, rows: number): string[] {
  const body = table(
    ['QUEUE', 'DEPTH', ''.padEnd(WIDE), 'PUT/S', ''.padEnd(WIDE), 'TAKEN/S', 'ACKED/S', 'IN HAND', 'DEAD', 'PROD', 'CONS', 'STATE'],
    lines.map(({ key, seen, rates, depths, puts }) => [
      ...[nameOf(key, seen, 32), seen.stats.size, sparkline(depths, WIDE)],
      ...[rates === null ? '-' : text(rates.put), sparkline(puts, WIDE), rates === null ? '-' : text(rates.taken), rates === null ? '-' : text(rates.acked)],
      ...[seen.stats.inHand, seen.letters, seen.stats.producers, seen.stats.consumers, stateOf(seen)],
    ]),
  );
  const room = Math.max(1, rows - 4);
  const left = body.length - 1 - room;
  const head = `${new Date().toLocaleTimeString('en-GB')}  ${String(lines.length)} queues with ${shown(prefix)}   q: quit`;
  return [head, '', ...body.slice(0, room + 1), ...(left > 0 ? [`and ${String(left)} more`] : [])];
}

function round(rate: number): number {
  return Math.round(rate * 10) / 10;
}

function text(rate: number): string {
  return rate >= 100 || rate === 0 ? String(Math.round(rate)) : rate.toFixed(1);
}
