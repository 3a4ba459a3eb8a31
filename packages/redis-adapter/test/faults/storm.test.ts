import { expect, it } from 'vitest';

import { brief } from './ledger.ts';
import { complaints, storm } from './storm.ts';

/** How long it goes on, in ms. */
const LASTS = Number(
  process.env['MILLRACE_FAULT_MS'] ?? (process.env['CI'] === undefined ? 12_000 : 180_000),
);

// The time-out is for what hangs: the storm itself, the calm after it, and a machine that has much else to do.
it(
  'all faults at once lose nothing, mark what comes twice, and leave nothing behind',
  { timeout: 2 * LASTS + 300_000 },
  async () => {
    const report = await storm({ enough: ({ ms }) => ms >= LASTS, seed: 4 });
    const { account, stats, faults, ms } = report;
    console.log(
      `storm of ${String(Math.round(ms))} ms`,
      JSON.stringify(faults),
      brief(account),
      JSON.stringify(stats),
    );
    const found = complaints(report);
    expect(found, found.join('; ')).toEqual([]);
    // It was a storm, and they were at work.
    for (const [fault, times] of Object.entries(faults)) expect(times, fault).toBeGreaterThan(0);
    expect(account.settled).toBeGreaterThan(0);
  },
);
