/** As people read it at a glance: 1,234, then 12.3 k. */
export function figure(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 10_000) return `${(value / 1000).toFixed(value >= 100_000 ? 0 : 1)} k`;
  return Math.round(value).toLocaleString('en');
}

/** A time of so many ms. */
export function duration(ms: number): string {
  return ms < 10
    ? `${ms.toFixed(1)} ms`
    : ms < 1000
      ? `${String(Math.round(ms))} ms`
      : `${(ms / 1000).toFixed(1)} s`;
}
