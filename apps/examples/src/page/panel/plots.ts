import uPlot from 'uplot';

import type { Palette } from '../stage/palette.js';
import { duration, figure } from './numbers.js';

/** For how long, in seconds, values are shown. */
const SHOWN = 60;

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly series: readonly {
    readonly label: string;
    readonly colour: string;
    readonly area?: true;
  }[];
  readonly text: (value: number) => string;
}

const kinds = [
  {
    id: 'plot-depth',
    title: 'Depth',
    series: [
      { label: 'waiting', colour: '--first', area: true },
      { label: 'in hand', colour: '--second' },
    ],
    text: figure,
  },
  {
    id: 'plot-rates',
    title: 'Items/s',
    series: [
      { label: 'put', colour: '--first', area: true },
      { label: 'settled', colour: '--second' },
    ],
    text: figure,
  },
  {
    id: 'plot-waiting',
    title: 'Waiting',
    series: [
      { label: 'mean', colour: '--first', area: true },
      { label: 'max', colour: '--second' },
    ],
    text: duration,
  },
] as const satisfies readonly Kind[];

/** One value of each series; null where there was nothing to measure. */
export type Values = readonly (readonly (number | null)[])[];

/** Depth, rates and waiting over the last minute. */
export class Plots {
  private readonly times: number[] = [];
  private readonly plots: Plot[];
  private turn = 0;

  constructor(palette: Palette) {
    this.plots = kinds.map((kind) => new Plot(kind, palette));
  }

  /** Adds a moment, in seconds. */
  add(time: number, values: Values): void {
    const { times } = this;
    times.push(time);
    while (times[0]! < time - SHOWN - 1) {
      times.shift();
      for (const plot of this.plots) plot.forget();
    }
    for (const [i, plot] of this.plots.entries()) plot.add(values[i]!);
  }

  /** Draws one plot, and the next one the next time: all at once would keep the page busy for too long. */
  drawNext(): void {
    this.turn = (this.turn + 1) % this.plots.length;
    this.plots[this.turn]!.draw(this.times);
  }

  clear(): void {
    this.times.length = 0;
    for (const plot of this.plots) plot.clear();
  }

  /** The theme is another one now. */
  redraw(): void {
    for (const plot of this.plots) plot.redraw();
  }
}

class Plot {
  private readonly kind: Kind;
  private readonly plot: uPlot;
  private readonly columns: (number | null)[][];
  private readonly readings: HTMLElement[];

  constructor(kind: Kind, palette: Palette) {
    this.kind = kind;
    const figureElement = document.getElementById(kind.id)!;
    const caption = document.createElement('figcaption');
    const title = document.createElement('h3');
    title.textContent = kind.title;
    caption.append(title);
    this.readings = kind.series.map(({ label, colour }) => {
      const reading = document.createElement('span');
      reading.className = 'reading';
      reading.style.setProperty('--colour', `var(${colour})`);
      const value = document.createElement('b');
      reading.append(value, ` ${label}`);
      caption.append(reading);
      return value;
    });
    const body = document.createElement('div');
    body.className = 'plot';
    body.role = 'img';
    body.ariaLabel = `${kind.title} over the last minute: ${kind.series.map(({ label }) => label).join(' and ')}`;
    figureElement.append(caption, body);
    this.columns = kind.series.map(() => []);
    const axis = {
      stroke: () => palette.of('--muted'),
      font: '11px system-ui, sans-serif',
      ticks: { show: false, size: 0 },
    };
    this.plot = new uPlot(
      {
        width: 200,
        height: 100,
        padding: [8, 14, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: 'line' }, drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { time: false, range: (_plot, _min, max) => [max - SHOWN, max] },
          y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            gap: 9,
            space: 60,
            grid: { show: false },
            splits: (_plot, _axis, min, max) => [min, (min + max) / 2, max],
            values: () => ['1 min ago', '', 'now'],
          },
          {
            ...axis,
            size: 44,
            space: 32,
            gap: 4,
            grid: { stroke: () => palette.of('--path'), width: 1 },
            values: (_plot, splits) =>
              splits.map((split) =>
                Number.isInteger(split) ? kind.text(split).replace('.0', '') : '',
              ),
          },
        ],
        series: [
          {},
          ...kind.series.map(({ label, colour, area }) => ({
            label,
            width: 1.75,
            points: { show: false },
            spanGaps: true,
            stroke: () => palette.of(colour),
            ...(area === true ? { fill: () => palette.of('--first-area') } : {}),
          })),
        ],
        hooks: {
          setCursor: [
            () => {
              this.read();
            },
          ],
        },
      },
      [[], ...this.columns] as uPlot.AlignedData,
      body,
    );
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = body;
      if (width > 0 && height > 0) this.plot.setSize({ width, height });
    }).observe(body);
  }

  add(values: readonly (number | null)[]): void {
    for (const [i, column] of this.columns.entries()) column.push(values[i] ?? null);
  }

  draw(times: readonly number[]): void {
    this.plot.setData([times, ...this.columns] as uPlot.AlignedData);
    this.read();
  }

  forget(): void {
    for (const column of this.columns) column.shift();
  }

  clear(): void {
    for (const column of this.columns) column.length = 0;
    this.plot.setData([[], ...this.columns] as uPlot.AlignedData);
  }

  redraw(): void {
    this.plot.redraw(false, true);
  }

  /** Says what is under the cursor, or else what is now. */
  private read(): void {
    const { idx } = this.plot.cursor;
    for (const [i, column] of this.columns.entries()) {
      const value = column[idx ?? -1] ?? column.findLast((one) => one !== null);
      const text = value === undefined ? '–' : this.kind.text(value);
      const reading = this.readings[i]!;
      if (reading.textContent !== text) reading.textContent = text;
    }
  }
}
