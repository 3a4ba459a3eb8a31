import { afterAll, describe, inject, it } from 'vitest';
import type {} from '../engines/context.ts';
import type { Ask, Told } from './host.worker.ts';
import { type Suite, suites } from './targets.ts';

const PATIENCE = 120_000;

/** Runs a suite with its queues in the page. */
export function onPage(suite: Suite): void {
  describe('hosted by the page', () => {
    for (const { name, run } of suites[suite]()) it(name, run, PATIENCE);
  });
}

/** Runs a suite with its queues in a Web Worker, which starts the others. */
export function inWorker(suite: Suite): void {
  describe('hosted by a worker', () => {
    const host = new Worker(new URL('./host.worker.ts', import.meta.url), { type: 'module' });
    afterAll(() => {
      host.terminate();
    });
    for (const { name } of suites[suite]()) it(name, () => runIn(host, { suite, name }), PATIENCE);
  });
}

/**
 * Ports are the same whether the page is isolated or not. So each engine passes the whole suite in both kinds of host and of
 * page, but in two combinations of the four, unless all are asked for: workers take their time to start.
 */
export function onPageOrInWorker(suite: Suite): void {
  if (inject('full') || !inject('isolated')) onPage(suite);
  if (inject('full') || inject('isolated')) inWorker(suite);
}

async function runIn(host: Worker, ask: Ask): Promise<void> {
  const { error } = await new Promise<Told>((resolve, reject) => {
    host.onmessage = ({ data }: MessageEvent<Told>) => {
      resolve(data);
    };
    host.onerror = ({ message }) => {
      reject(new Error(`The host has failed: ${message}`));
    };
    host.postMessage(ask);
  });
  if (error !== undefined) throw Object.assign(new Error(error.message), { stack: error.stack });
}
