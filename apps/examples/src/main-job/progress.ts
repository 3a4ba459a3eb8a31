import type { IterableQueue } from '@millrace/core';

import { count, plural } from '../shared/numbers.js';
import type { Crew } from './crew.js';
import type { Item } from './item.js';
import type { Ledger } from './ledger.js';

const REDRAW_MS = 100;
const LINE_MS = 1000;
const BAR = 24;

/**
 * Shows how far the queue is, on stderr: one line that is redrawn where that is a terminal, a line now
 * and then where it is not. Returns what ends it.
 */
export function showProgress(queue: IterableQueue<Item>, ledger: Ledger, items: number, crew: Crew): () => void {
  const { stderr } = process;
  const live = stderr.isTTY;
  let showing = false;
  const show = async (): Promise<void> => {
    if (showing) return;
    showing = true;
    try {
      await look();
    } finally {
      showing = false;
    }
  };
  const look = async (): Promise<void> => {
    const { size } = await queue.stats();
    await ledger.readAll();
    if (ended) return;
    const { put, taken } = ledger;
    const share = items === 0 ? 1 : taken / items;
    const text = [
      `${bar(share)} ${String(Math.floor(share * 100)).padStart(3)}%`,
      `${count(put)} put`,
      `${count(taken)} taken`,
      `${count(size)} waiting`,
      plural(crew.atWork, 'worker'),
      ...(crew.killed > 0 ? [`${count(crew.killed)} killed`] : []),
    ].join('  ');
    stderr.write(live ? `\r\x1b[K${text.slice(0, stderr.columns - 1)}` : `${text}\n`);
  };
  let ended = false;
  const timer = setInterval(() => void show().catch(() => undefined), live ? REDRAW_MS : LINE_MS);
  return () => {
    ended = true;
    clearInterval(timer);
    if (live) stderr.write('\r\x1b[K');
  };
}

function bar(share: number): string {
  const full = Math.floor(share * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}
