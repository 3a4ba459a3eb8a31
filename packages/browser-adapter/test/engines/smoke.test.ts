// That each engine is what its project's name says, and that what the adapter builds upon is there.

import { IterableQueue } from '@millrace/core';
import { conformance } from '@millrace/core/testing';
import { expect, inject, test } from 'vitest';

import type {} from './context.ts';

const engine = inject('engine');
const isolated = inject('isolated');

/** What a worker answers when it is sent something. */
async function ask(worker: Worker, question: unknown): Promise<unknown> {
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(question);
  try {
    return await answer;
  } finally {
    worker.terminate();
  }
}

const answer = {
  data: { hello: 'you' },
  isolated,
  memory: isolated ? 'function' : 'undefined',
  locks: 'function',
  core: 'function',
};

test('the engine is the one that the project is named for', () => {
  const agent = navigator.userAgent;
  const other = agent.includes('Chrome/') ? 'chromium' : 'webkit';
  const found = agent.includes('Firefox/') ? 'firefox' : other;
  expect(found).toBe(engine);
});

test('the page is isolated from other origins if it should be', () => {
  expect(crossOriginIsolated).toBe(isolated);
  expect(typeof SharedArrayBuffer).toBe(answer.memory);
});

test('the page is a secure context with locks', async () => {
  expect(isSecureContext).toBe(true);
  expect(await navigator.locks.request('smoke', (lock) => lock?.name)).toBe('smoke');
});

test('the packages of the workspace are there', () => {
  expect(typeof IterableQueue).toBe('function');
  expect(typeof conformance).toBe('function');
});

test('a worker starts from a TypeScript module and answers', async () => {
  const worker = new Worker(new URL('./echo.ts', import.meta.url), { type: 'module' });
  expect(await ask(worker, { hello: 'you' })).toEqual(answer);
});

test('a worker starts a worker', async () => {
  const worker = new Worker(new URL('./relay.ts', import.meta.url), { type: 'module' });
  expect(await ask(worker, { hello: 'you' })).toEqual(answer);
});

test('fast-check is there', async () => {
  const fc = await import('fast-check');
  fc.assert(fc.property(fc.integer(), (n) => n === n));
});
