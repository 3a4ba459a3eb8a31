import { count, thousandths } from '../shared/numbers.js';
import type { StopSignal } from '../shared/run-program.js';
import type { Audit } from './ledger.js';
import type { Job } from './job.js';

/** What was seen besides the ledger. */
export interface Seen {
  readonly killed: number;
  /** Items that killed consumers may have had in hand: the bound for duplicates. */
  readonly inHandAtKill: number;
  readonly seconds: number;
  readonly stopped: StopSignal | undefined;
}

export function makeReport(job: Job, audit: Audit, seen: Seen) {
  const { transport, producers, consumers, items, capacity } = job;
  const { killed, inHandAtKill, seconds, stopped } = seen;
  return {
    transport,
    producers,
    consumers,
    items,
    capacity,
    ...audit,
    inHandAtKill,
    killed,
    stopped: stopped ?? null,
    seconds: thousandths(seconds),
    itemsPerSecond: Math.round(audit.taken / seconds),
  };
}

export type Report = ReturnType<typeof makeReport>;

/** What is wrong with the outcome: nothing, unless the queue broke its word. */
export function findFaults(report: Report): string[] {
  const faults: string[] = [];
  const blame = (items: number, what: string): void => {
    if (items > 0) faults.push(`${count(items)} ${what}`);
  };
  blame(
    report.lost,
    'items were lost: confirmed to their producer, and no consumer was done with them',
  );
  if (report.stopped === null) blame(report.items - report.offered, 'items were never offered');
  if (report.killed === 0 && report.stopped === null)
    blame(report.unconfirmed, 'items were never confirmed, though no producer was killed');
  blame(report.unmarkedDuplicates, 'items came again without saying so');
  blame(
    report.duplicated - report.inHandAtKill,
    'more items came again than killed consumers had in hand',
  );
  return faults;
}

export function summarize(report: Report): string {
  const rows: (readonly [name: string, value: number, note?: string])[] = [
    ['put', report.put],
    ['taken', report.taken],
    ['lost', report.lost],
    ['duplicated', report.duplicated, `${count(report.unmarkedDuplicates)} unmarked`],
  ];
  if (report.killed > 0)
    rows.push(
      ['redelivered', report.redelivered],
      ['in hand at a kill', report.inHandAtKill, 'the most that may be duplicated'],
      ['workers killed', report.killed],
      [
        'unconfirmed',
        report.unconfirmed,
        `${count(report.unconfirmedTaken)} arrived, the others died with their producer`,
      ],
    );
  const lines = rows.map(([name, value, note]) => {
    const row = `  ${name.padEnd(18)}${count(value).padStart(12)}`;
    return note === undefined ? row : `${row}  (${note})`;
  });
  const { seconds, itemsPerSecond, stopped } = report;
  const after = stopped === null ? '' : `stopped by ${stopped} after `;
  lines.push(`  ${after}${seconds.toFixed(2)} s, ${count(itemsPerSecond)} items a second`);
  return lines.join('\n');
}
