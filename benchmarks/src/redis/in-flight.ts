/** Keeps at most so many calls under way. */
export function inFlight(most: number): { add(call: Promise<unknown>): Promise<void> | undefined; all(): Promise<void> } {
  let count = 0;
  let failure: unknown;
  let failed = false;
  let wake: (() => void) | undefined;
  const below = async (limit: number): Promise<void> => {
    while (count >= limit && !failed) await new Promise<void>((resolve) => (wake = resolve));
    if (failed) throw failure;
  };
  const landed = (): void => {
    count--;
    wake?.();
  };
  return {
    add: (call) => {
      count++;
      call.then(landed, (error: unknown) => {
        failed = true;
        failure = error;
        landed();
      });
      return count >= most || failed ? below(most) : undefined;
    },
    all: () => below(1),
  };
}
