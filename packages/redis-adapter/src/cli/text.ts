/**
 * A name as it can be shown in a terminal: as it is where it is plain, else as a JSON string, in which nothing can move the
 * cursor or turn the writing round.
 */
export function shown(name: string, most = 60): string {
  const plain = /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(name) && !/^["'-]/.test(name);
  const whole = plain ? name : JSON.stringify(name).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped);
  const points = Array.from(whole);
  return points.length <= most ? whole : `${points.slice(0, most - 1).join('')}…`;
}

/** Other people's text, such as the message of an error: on one line, and harmless for the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped);
}

function escaped(point: string): string {
  return [...Array(point.length).keys()].map((i) => `\\u${point.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}

export function time(ms: number): string {
  if (ms < 0) return 'never';
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 7_200_000) return `${String(Math.round(ms / 60_000))} min`;
  if (ms < 172_800_000) return `${String(Math.round(ms / 3_600_000))} h`;
  return `${String(Math.round(ms / 86_400_000))} d`;
}

export function ago(ms: number): string {
  return ms < 0 ? 'never' : `${time(ms)} ago`;
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : more}`;
}

/** A limit, of which -1 is none. */
export function limit(value: number): string {
  return value < 0 ? 'none' : String(value);
}

/** Rows in columns: numbers to the right, the rest to the left. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, at) => Math.max(...cells.map((row) => width(row[at] ?? ''))));
  const right = head.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  return cells.map((row) =>
    row
      .map((cell, at) => {
        const pad = ' '.repeat((widths[at] ?? 0) - width(cell));
        return right[at] === true ? pad + cell : cell + pad;
      })
      .join('  ')
      .trimEnd(),
  );
}

function width(text: string): number {
  return Array.from(text).length;
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** The latest `wide` numbers as bars, the highest being full. */
export function sparkline(numbers: readonly number[], wide: number): string {
  const latest = numbers.slice(-wide);
  const highest = Math.max(...latest, 0);
  const bars = latest.map((each) => BARS[each <= 0 || highest === 0 ? 0 : Math.max(1, Math.round((each / highest) * 8))] ?? ' ');
  return bars.join('').padStart(wide);
}
