/**
 * Resolves with what `look` gives once that is neither undefined nor an error; looks every 20 ms. For what
 * servers agree on among themselves and tell nobody. After `timeout` ms (default 60,000) it rejects.
 */
export async function settled<T>(
  what: string,
  look: () => Promise<T | undefined>,
  timeout = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeout;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not within ${timeout} ms`, { cause: last });
}
