import type { Row } from '../measure.js';

/** The rows of one scenario and payload: what is compared with each other. */
export interface Group {
  readonly name: string;
  readonly unit: Row['unit'];
  readonly rows: readonly Row[];
}

export function groups(rows: readonly Row[]): readonly Group[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${row.scenario}/${row.payload}`;
    found.set(name, [...(found.get(name) ?? []), row]);
  }
  return [...found].map(([name, members]) => ({ name, unit: members[0]!.unit, rows: members }));
}
