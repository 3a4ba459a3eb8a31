import type { Page } from 'puppeteer-core';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the thread's own time. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * The busiest task of the page's main thread while something is done, in ms: of the thread's own time, `cpu`, as Chromium's
 * trace has it, and from its begin to its end, `wall`, as the page's performance entries have it (0: none took 50 ms). On a
 * busy machine that is mostly the time of others.
 */
export async function busiestTask(
  page: Page,
  during: () => Promise<void>,
): Promise<{ cpu: number; wall: number }> {
  await page.evaluate(() => {
    const kept = globalThis as { longest?: number; watching?: PerformanceObserver };
    kept.longest = 0;
    kept.watching = new PerformanceObserver((list) => {
      kept.longest = Math.max(
        kept.longest ?? 0,
        ...list.getEntries().map(({ duration }) => duration),
      );
    });
    kept.watching.observe({ type: 'longtask' });
  });
  await page.tracing.start({ categories: ['toplevel'] });
  await during();
  const trace = await page.tracing.stop();
  const wall = await page.evaluate(() => (globalThis as { longest?: number }).longest ?? 0);
  const { traceEvents } = JSON.parse(new TextDecoder().decode(trace)) as {
    traceEvents: readonly TraceEvent[];
  };
  const tasks = traceEvents.filter(
    ({ name, tdur }) => name.endsWith('RunTask') && tdur !== undefined,
  );
  // There may be a renderer in store: the page's is the one that was busy.
  const threads = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const busy = threads.map(({ pid, tid }) =>
    tasks.filter((task) => task.pid === pid && task.tid === tid).map(({ tdur = 0 }) => tdur / 1000),
  );
  const sum = (times: readonly number[]): number => times.reduce((total, time) => total + time, 0);
  const main = busy.sort((a, b) => sum(b) - sum(a))[0] ?? [];
  if (main.length === 0) throw new Error('The trace has no task of the main thread.');
  return { cpu: Math.max(...main), wall };
}
