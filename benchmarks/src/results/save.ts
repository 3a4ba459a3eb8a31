import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Measured } from '../measure.js';
import { type Machine, toJson } from '../report.js';
import { type Titles, toMarkdown } from './markdown.js';
import { toSvg } from './plot.js';

/** Writes the table, the plot, and the figures for programs; answers where. */
export async function save(
  folder: string,
  titles: Omit<Titles, 'plot'>,
  machine: Machine,
  measured: Measured,
): Promise<readonly string[]> {
  const plot = `${titles.suite}.svg`;
  const files = [
    [`${titles.suite}.md`, toMarkdown({ ...titles, plot }, machine, measured)],
    [
      plot,
      toSvg(
        `Suite ${titles.suite}, Node ${String(machine['node'])}, ${titles.date.toISOString().slice(0, 10)}`,
        measured.rows,
      ),
    ],
    [`${titles.suite}.json`, `${toJson(titles.suite, machine, measured)}\n`],
  ] as const;
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(([name, text]) => writeFile(path.join(folder, name), text)));
  return files.map(([name]) => path.join(folder, name));
}
