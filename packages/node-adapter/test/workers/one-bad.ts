import type { ProducerEndpoint } from '@millrace/core';

export interface OneBadArgs {
  readonly out: ProducerEndpoint<unknown>;
  readonly items: number;
  readonly bad: number;
}

export interface OneBadReport {
  readonly answers: readonly string[];
  readonly path: unknown;
  /** Of all together. */
  readonly code: unknown;
  readonly pathOfMany: unknown;
}

/** Puts items of which one cannot be copied: one by one in one turn, and then all together. */
export default async function oneBad({ out, items, bad }: OneBadArgs): Promise<OneBadReport> {
  const values = Array.from({ length: items }, (_, n) =>
    n === bad ? { n, a: [{ f: () => n }] } : { n, a: [{ f: n }] },
  );
  const puts = values.map(async (value) => await out.put(value));
  const settled = await Promise.allSettled(puts);
  const answers = settled.map((put) =>
    put.status === 'fulfilled' ? put.value : String((put.reason as { code?: unknown }).code),
  );
  const path = detailsOf(settled.find((put) => put.status === 'rejected')?.reason).path;
  try {
    await out.putMany(values);
    return { answers, path, code: 'none', pathOfMany: undefined };
  } catch (error) {
    return {
      answers,
      path,
      code: (error as { code?: unknown }).code,
      pathOfMany: detailsOf(error).path,
    };
  } finally {
    await out.put('end');
  }
}

function detailsOf(error: unknown): { readonly path?: unknown } {
  return (error as { details?: { path?: unknown } } | undefined)?.details ?? {};
}
