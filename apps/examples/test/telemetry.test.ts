import { describe, expect, it, vi } from 'vitest';

import { run } from './run.js';

vi.setConfig({ testTimeout: 120_000 });

interface Span {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly items: number;
}

interface Telemetry {
  readonly spans: readonly Span[];
  readonly metrics: Record<'before' | 'after', Record<string, number>>;
}

describe.each(['memory', 'threads'])('telemetry on %s', (transport) => {
  it.each([1, 5, 17])(
    'links each batch to the spans of its %i tables, and counts',
    async (tables) => {
      const outcome = await run(
        'telemetry',
        '--transport',
        transport,
        '--tables',
        String(tables),
        '--json',
      );
      expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
      const { spans, metrics }: Telemetry = JSON.parse(
        outcome.stdout.trimEnd().split('\n').at(-1) ?? '',
      );
      const sent = spans.filter(({ name }) => name === 'send orders');
      const processed = spans.filter(({ name }) => name === 'process orders');
      expect(spans).toHaveLength(sent.length + processed.length);
      expect(sent).toHaveLength(tables);
      expect(sent.every(({ kind, items }) => kind === 'PRODUCER' && items === 3)).toBe(true);

      // Linked, one link for each item; and not nested: each batch is a trace of its own.
      expect(processed.length).toBeGreaterThanOrEqual(Math.ceil((3 * tables) / 4));
      for (const { kind, parent, links, items, traceId } of processed) {
        expect({ kind, parent, items }).toEqual({
          kind: 'CONSUMER',
          parent: undefined,
          items: links.length,
        });
        expect(sent.map((span) => span.traceId)).not.toContain(traceId);
      }
      // Each of a table's three orders was worked on once, and leads back to the span in which it was sent.
      const led = processed.flatMap(({ links }) =>
        links.map(({ traceId, spanId }) => `${traceId}/${spanId}`),
      );
      expect(led.sort()).toEqual(
        sent.flatMap(({ traceId, spanId }) => Array<string>(3).fill(`${traceId}/${spanId}`)).sort(),
      );

      expect(metrics.before).toMatchObject({
        'millrace.queue.depth': 3 * tables,
        'millrace.queue.acked': 0,
      });
      expect(metrics.after).toMatchObject({
        'millrace.queue.depth': 0,
        'millrace.queue.in_hand': 0,
        'millrace.queue.put': 3 * tables,
        'millrace.queue.acked': 3 * tables,
        'millrace.queue.dead': 0,
      });
    },
  );
});
