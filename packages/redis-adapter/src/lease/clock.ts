/** A clock that all threads of the process share, in ms. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
