import { isOurs, type Measured, type Row } from '../measure.js';
import { figure, type Machine, rounded } from '../report.js';
import { type Group, groups } from './groups.js';

/** From this load average for each core, other work has taken a part of the machine. */
const BUSY = 0.25;

export interface Titles {
  readonly suite: string;
  /** The file of the plot, as seen from this one. */
  readonly plot: string;
  /** What has made it. */
  readonly command: string;
  /** When it began. */
  readonly date: Date;
  /** The load average of the minute before. */
  readonly loadBefore: number;
}

/** A table for each scenario and payload, with what they were measured on. */
export function toMarkdown(titles: Titles, machine: Machine, measured: Measured): string {
  const { suite, plot, command, date, loadBefore } = titles;
  const all = groups(measured.rows);
  return [
    `# Suite ${suite}`,
    '',
    `Made by \`${command}\`; not to be edited.`,
    '',
    ...entries({
      ...machine,
      date: date.toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
      'load average before': loadBefore,
    }),
    '',
    ...(loadBefore / Number(machine['cores']) > BUSY
      ? [
          '**The machine had other work when this began: these are not the figures of a quiet one.**',
          '',
        ]
      : []),
    'Medians of runs in turns. A ratio is the median of the ratios of one turn each; for times and memory, less is better.',
    'Figures can be compared within one table only.',
    '',
    `![the medians as bars](${plot})`,
    ...all.flatMap((group) => table(suite, group, measured)),
    '',
  ].join('\n');
}

function entries(facts: Machine): string[] {
  return [
    '| | |',
    '| --- | --- |',
    ...Object.entries(facts).map(([name, value]) => `| ${name} | ${String(value)} |`),
  ];
}

function table(suite: string, { name, unit, rows }: Group, { ratios }: Measured): string[] {
  const ours = rows.map(({ contender }) => contender).filter(isOurs);
  const ratio = (one: string, { contender }: Row): string => {
    const found = ratios[`${suite}/${name}/${one}:${contender}`];
    return found === undefined || !Number.isFinite(found) ? '' : rounded(found).toPrecision(3);
  };
  const cells = (row: Row): string[] => [
    row.contender,
    figure(row.median, unit),
    figure(row.min, unit),
    figure(row.max, unit),
    ...ours.map((one) => ratio(one, row)),
  ];
  const line = (words: readonly string[]): string => `| ${words.join(' | ')} |`;
  return [
    '',
    `## ${name}`,
    '',
    line([unit, 'median', 'min', 'max', ...ours.map((one) => `${one} to it`)]),
    line(['---', ...Array.from({ length: 3 + ours.length }, () => '---:')]),
    ...rows.map((row) => line(cells(row))),
  ];
}
