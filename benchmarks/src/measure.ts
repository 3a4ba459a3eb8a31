import type { Contender, Scenario, Suite, Unit } from './contender.js';
import type { BenchOptions } from './options.js';
import { payloadNamed, type PayloadName } from './payloads.js';

export interface Row {
  readonly scenario: string;
  readonly payload: PayloadName;
  readonly contender: string;
  readonly unit: Unit;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Measured {
  readonly rows: Row[];
  readonly ratios: Record<string, number>;
}

/** The contenders whose ratios to all others are given. */
export const isOurs = (name: string): boolean => name.startsWith('millrace');
/** How often each contender runs, where nobody says. */
const RUNS = 7;

/** Runs the suite's contenders in turns, so that a slow spell of the machine hits all of them alike. */
export async function measure(
  suite: Suite,
  options: BenchOptions,
  progress: (line: string) => void,
): Promise<Measured> {
  const measured: Measured = { rows: [], ratios: {} };
  for (const scenario of suite.scenarios) {
    if (scenario.full === true && !options.full) continue;
    if (options.scenarios !== undefined && !options.scenarios.includes(scenario.name)) continue;
    for (const payload of Object.keys(scenario.loads) as PayloadName[]) {
      const contenders = scenario.contenders.filter(
        (one) => options.wants(`${scenario.name}/${payload}/${one.name}`) && (one.carries?.(payload) ?? true),
      );
      if (contenders.length === 0) continue;
      progress(`${suite.name}/${scenario.name}/${payload}: ${contenders.map(({ name }) => name).join(', ')}`);
      const results = await inTurns(scenario, payload, contenders, options, options.runs ?? scenario.runs ?? suite.runs ?? RUNS);
      for (const [part, values] of results) {
        const name = part === '' ? scenario.name : `${scenario.name}-${part}`;
        note(measured, suite.name, { ...scenario, name }, payload, values);
      }
    }
  }
  return measured;
}

/**
 * For each of the things that a run tells, each contender's results, run by run, without the first. No garbage collection is forced in between: with no queue alive
 * it would take the hidden classes that optimised code is built on, and each run would begin by compiling.
 */
async function inTurns(
  scenario: Scenario,
  payload: PayloadName,
  contenders: readonly Contender[],
  options: BenchOptions,
  runs: number,
): Promise<Map<string, Map<string, number[]>>> {
  const load = scenario.loads[payload]!;
  const results = new Map<string, Map<string, number[]>>();
  const keep = (part: string, name: string, value: number): void => {
    const values = results.get(part) ?? new Map<string, number[]>();
    results.set(part, values.set(name, [...(values.get(name) ?? []), value]));
  };
  // The first run warms up.
  for (let run = options.cold || scenario.warmUp === false ? 1 : 0; run <= runs; run++) {
    for (const contender of contenders) {
      const part = (items: number): number => Math.ceil(items * (contender.share ?? 1));
      const items = part(options.items ?? load.items);
      const warm = part(options.items === undefined ? load.warm : Math.min(load.warm, options.items));
      const result = await contender.run({ payload: payloadNamed(payload), items, warm });
      if (run === 0) continue;
      if (typeof result === 'number') keep('', contender.name, result);
      else for (const [of, value] of Object.entries(result)) keep(of, contender.name, value);
    }
  }
  return results;
}

function note(
  { rows, ratios }: Measured,
  suite: string,
  scenario: Scenario,
  payload: PayloadName,
  results: ReadonlyMap<string, readonly number[]>,
): void {
  const { name, unit } = scenario;
  for (const [contender, values] of results) {
    rows.push({
      scenario: name,
      payload,
      contender,
      unit,
      median: median(values),
      min: Math.min(...values),
      max: Math.max(...values),
    });
  }
  for (const [ours, values] of results) {
    if (!isOurs(ours)) continue;
    for (const [contender, theirs] of results) {
      if (isOurs(contender)) continue;
      // Pairs of the same turn, which ran under the same conditions.
      const paired = values.map((value, turn) => value / theirs[turn]!);
      ratios[`${suite}/${name}/${payload}/${ours}:${contender}`] = median(paired);
    }
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
