/** As people write it: 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 item`, `2 items`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Rounded to thousandths, for reports. */
export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
