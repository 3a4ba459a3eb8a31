import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface CancelsArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<number>;
  readonly items: number;
}

/** Passes items on, giving each wait up soon and asking again. Answers how many waits were given up. */
export default async function cancels({
  source,
  out,
  items,
}: CancelsArgs): Promise<{ gets: number; puts: number }> {
  const given = { gets: 0, puts: 0 };
  for (let passed = 0; passed < items; passed++) {
    const item = await insist(
      (signal) => source.get({ signal }),
      () => given.gets++,
      passed,
    );
    let id: string | undefined;
    await insist(
      (signal) => out.put(item, id === undefined ? { signal } : { signal, id }),
      (error) => {
        given.puts++;
        // Sent, and no answer yet: the same id makes sure that it is not put twice.
        id = error.details?.id ?? id;
      },
      passed,
    );
  }
  return given;
}

interface GivenUp extends Error {
  readonly code?: unknown;
  readonly details?: { readonly id?: string };
}

async function insist<T>(
  act: (signal: AbortSignal) => T | Promise<T>,
  onGivenUp: (error: GivenUp) => void,
  seed: number,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const controller = new AbortController();
    const giveUp = (): void => {
      controller.abort();
    };
    // Sooner and later: in this turn, at its end, and after some.
    if ((seed + tries) % 3 === 0) queueMicrotask(giveUp);
    else if ((seed + tries) % 3 === 1) setImmediate(giveUp);
    else setTimeout(giveUp, 1);
    try {
      return await act(controller.signal);
    } catch (error) {
      const { code } = error as GivenUp;
      if (code !== 'ABORTED' && code !== 'PUT_UNCERTAIN') throw error;
      onGivenUp(error as GivenUp);
    }
  }
}
