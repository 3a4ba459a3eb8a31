import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

import type { Measured, Row } from './measure.js';

/** What the numbers were measured on: they can be compared within one report only. */
export type Machine = Readonly<Record<string, string | number>>;

export function machine(): Machine {
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** One line for programs. */
export function toJson(suite: string, machine: Machine, { rows, ratios }: Measured): string {
  return JSON.stringify({
    suite,
    machine,
    rows: rows.map((row) => ({
      ...row,
      median: rounded(row.median),
      min: rounded(row.min),
      max: rounded(row.max),
    })),
    ratios: Object.fromEntries(Object.entries(ratios).map(([name, value]) => [name, rounded(value)])),
  });
}

/** For people. */
export function toTable(suite: string, machine: Machine, { rows, ratios }: Measured): string {
  const lines = [`suite ${suite}: ${Object.entries(machine).map(([key, value]) => `${key} ${value}`).join(', ')}`];
  let group = '';
  for (const row of rows) {
    const title = `${row.scenario}/${row.payload} (${row.unit})`;
    if (title !== group) lines.push('', `${title.padEnd(32)}${'median'.padStart(10)}${'min'.padStart(10)}${'max'.padStart(10)}`);
    group = title;
    lines.push(`  ${row.contender.padEnd(30)}${cells(row)}`);
  }
  lines.push('', 'ratios (medians of the turns; of times, less is better)');
  for (const [name, value] of Object.entries(ratios)) lines.push(`  ${name.padEnd(50)}${String(rounded(value)).padStart(10)}`);
  return lines.join('\n');
}

function cells({ median, min, max, unit }: Row): string {
  return [median, min, max].map((value) => figure(value, unit).padStart(10)).join('');
}

export function figure(value: number, unit: Row['unit']): string {
  return unit === 'items/s' ? short(value) : value.toFixed(1);
}

function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)}k`;
  return value.toFixed(0);
}

/** A figure as it is told: whoever shortens it begins here, so that all say the same. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
