import type { QueueStats } from '@millrace/core';

import type { ChannelName } from '../line/channel.js';
import type { Audit } from '../line/messages.js';
import { figure } from './numbers.js';

const figures = [...document.querySelectorAll<HTMLElement>('[data-figure]')];

/** Shows the ledger: what the queue says, and what was found to be lost. */
export function showLedger(stats: QueueStats, { judged, lost }: Audit): void {
  write(
    'checked',
    `Lost is what is found missing: ${figure(judged)} items checked against the consumers’ receipts.`,
  );
  const values: Readonly<Record<string, number>> = {
    put: stats.put,
    taken: stats.taken,
    settled: stats.acked,
    waiting: stats.size,
    inHand: stats.inHand,
    redelivered: stats.redelivered,
    dropped: stats.dropped + stats.cleared,
    refused: stats.refused,
    lost,
  };
  for (const element of figures) {
    const value = values[element.dataset['figure']!]!;
    if (element.dataset['value'] === String(value)) continue;
    element.dataset['value'] = String(value);
    element.textContent = value < 1e6 ? value.toLocaleString('en') : figure(value);
    element.parentElement!.classList.toggle('some', value > 0);
  }
}

/** Over how long, in ms, the longest task is looked for. */
const RECENT = 10_000;
const tasks: PerformanceEntry[] = [];

/** Keeps an eye on what keeps the page's main thread busy for longer than 50 ms, where the browser tells. */
export function watchTasks(): void {
  if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
  document.getElementById('tasks')!.hidden = false;
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask' });
}

/** How fast items went by a channel, or in a word why that is not known. */
export function showRate(channel: ChannelName, rate: number | string): void {
  const output = document.querySelector<HTMLElement>(`[data-rate="${channel}"]`)!;
  output.dataset['value'] = String(rate);
  output.textContent = typeof rate === 'number' ? `${figure(rate)} a second` : rate;
}

export function showTasks(): void {
  while (tasks[0] !== undefined && tasks[0].startTime < performance.now() - RECENT) tasks.shift();
  const longest = Math.max(0, ...tasks.map(({ duration }) => duration));
  write(
    'tasks',
    longest === 0
      ? 'No task of the last 10 s took the main thread 50 ms.'
      : `The longest task of the last 10 s took the main thread ${String(Math.round(longest))} ms.`,
  );
}

export function write(id: string, text: string): void {
  const element = document.getElementById(id)!;
  if (element.textContent !== text) element.textContent = text;
}
