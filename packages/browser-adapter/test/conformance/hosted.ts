import { afterAll, describe, it } from 'vitest';
import type { Ask, Told } from './host.worker.ts';
import { type Suite, suites } from './targets.ts';

/** Runs a suite twice: its queues live in the page, and in a Web Worker, which starts the others. */
export function onPageAndInWorker(suite: Suite): void {
  describe('hosted by the page', () => {
    for (const { name, run } of suites[suite]()) it(name, run, PATIENCE);
  });
  describe('hosted by a worker', () => {
    const host = new Worker(new URL('./host.worker.ts', import.meta.url), { type: 'module' });
    afterAll(() => {
      host.terminate();
    });
    for (const { name } of suites[suite]()) it(name, () => runIn(host, { suite, name }), PATIENCE);
  });
}

const PATIENCE = 120_000;

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
