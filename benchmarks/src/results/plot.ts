import { isOurs, type Row } from '../measure.js';
import { figure } from '../report.js';
import { type Group, groups } from './groups.js';

const WIDTH = 560;
const COLUMNS = 2;
const NAMES = 190;
const FIGURES = 70;
const BARS = WIDTH - NAMES - FIGURES - 20;
const LINE = 16;
const TITLE = 26;
const GAP = 14;

/** The medians as bars, each scenario on a scale of its own, with lines from the lowest to the highest run. */
export function toSvg(title: string, rows: readonly Row[]): string {
  const panels = groups(rows);
  const heights = Array.from({ length: COLUMNS }, () => 40);
  const drawn = panels.map((group) => {
    const column = heights.indexOf(Math.min(...heights));
    const at = { x: column * WIDTH + 10, y: heights[column]! };
    heights[column]! += TITLE + group.rows.length * LINE + GAP;
    return panel(group, at);
  });
  const [width, height] = [WIDTH * COLUMNS, Math.max(...heights)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="10" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function panel(
  { name, unit, rows }: Group,
  at: { readonly x: number; readonly y: number },
): string {
  const most = Math.max(...rows.map(({ max }) => max), Number.MIN_VALUE);
  const scale = (value: number): number => Math.max(0, (value / most) * BARS);
  const better = unit === 'items/s' ? 'more' : 'less';
  return [
    `<g transform="translate(${String(at.x)} ${String(at.y)})">`,
    `<text y="16" font-weight="bold">${escaped(name)}</text>`,
    `<text x="${String(NAMES)}" y="16" fill="#666">${escaped(unit)}, ${better} is better</text>`,
    ...rows.map((row, index) => bar(row, TITLE + index * LINE, scale)),
    '</g>',
  ].join('\n');
}

function bar(
  { contender, median, min, max, unit }: Row,
  y: number,
  scale: (value: number) => number,
): string {
  const middle = fixed(y + LINE / 2 - 1);
  return [
    `<text x="${String(NAMES - 6)}" y="${fixed(y + 11)}" text-anchor="end">${escaped(contender)}</text>`,
    `<rect x="${String(NAMES)}" y="${String(y)}" width="${fixed(scale(median))}" height="${String(LINE - 3)}" fill="${isOurs(contender) ? '#2a6fb0' : '#b8b8b8'}"/>`,
    `<path d="M${fixed(NAMES + scale(min))} ${middle}H${fixed(NAMES + scale(max))}" stroke="#222"/>`,
    `<text x="${fixed(NAMES + scale(max) + 5)}" y="${fixed(y + 11)}">${figure(median, unit)}</text>`,
  ].join('');
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
