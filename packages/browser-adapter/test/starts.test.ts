import { defineWorker, IterableQueue, type WorkerFunction } from '@millrace/core';
import { serveWorker } from '@millrace/browser-adapter/worker';
import { browserWorkers } from '@millrace/browser-adapter';
import { describe, expect, inject, it } from 'vitest';
import type {} from './engines/context.ts';
import { itemsOf, openTransport, refusal, served } from './support.ts';

const load = () => import('./workers/count.js');
const forms = {
  'a function that imports it': () =>
    new Worker(new URL('./workers/count.worker.ts', import.meta.url), { type: 'module' }),
  'the module itself': () =>
    new Worker(new URL('./workers/count-static.worker.ts', import.meta.url), { type: 'module' }),
  'a promise of it': () =>
    new Worker(new URL('./workers/count-promise.worker.ts', import.meta.url), { type: 'module' }),
};

describe('a worker', () => {
  it.each(Object.entries(forms))('serves its module, given as %s', async (_, factory) => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const worker = transport.start(defineWorker(load, factory), { out: queue.producer(), upTo: 3 });
    queue.close();
    await worker.started();
    expect(await itemsOf(queue.consumer())).toEqual([1, 2, 3]);
    expect(await worker.result()).toBe(3);
    expect(transport.health().workers).toBe(0);
  });

  it('has its URL for Node beside its factory for browsers', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const url = new URL('./workers/count.ts', import.meta.url);
    const count = defineWorker(load, url, forms['a function that imports it']);
    expect(count).toMatchObject({ url: url.href, factory: forms['a function that imports it'] });
    expect(await transport.start(count, { out: queue.producer(), upTo: 1 }).result()).toBe(1);
  });

  it('is named in errors by its own name, or by a number', async () => {
    const transport = openTransport();
    const nothing = served<WorkerFunction<object, void>>(
      () => import('./workers/nothing.js') as never,
      new URL('./workers/nothing.ts', import.meta.url),
    );
    const named = await refusal(
      'WORKER_NO_ENTRY',
      transport.start(nothing, {}, { name: 'idler' }).result(),
    );
    expect(named.message).toContain('Worker idler');
    expect(named.message).toContain('any.worker.ts');
    const numbered = await refusal('WORKER_NO_ENTRY', transport.start(nothing, {}).result());
    expect(numbered.details).toMatchObject({ worker: 'worker-1' });
  });
});

/** Starts a worker that cannot start; answers its error, once it is sure that the queue goes on. */
async function startError(factory: () => object, startTimeout?: number) {
  const transport = openTransport({ startTimeout });
  const queue = new IterableQueue<number>({ transport });
  const worker = defineWorker(load, factory);
  const handle = transport.start(worker, { out: queue.producer(), upTo: 1 }, { name: 'hopeless' });
  queue.close();
  const failed = handle.started().catch((error: unknown) => error);
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  expect(await failed).toBe(exit.error);
  expect(handle.state).toBe('stopped');
  expect(exit.error.message).toContain('hopeless');
  expect(exit.error.details).toMatchObject({ worker: 'hopeless' });
  // Its producer closed, and so the queue ends.
  expect(await itemsOf(queue.consumer())).toEqual([]);
  return exit.error;
}

function script(source: string): string {
  return URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
}

function module(url: string): () => Worker {
  return () => new Worker(url, { type: 'module' });
}

describe('a worker that cannot start says why', () => {
  it('when it has no factory, with the code to write; nothing was moved', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const out = queue.producer();
    const error = await refusal('WORKER_MODULE_NOT_FOUND', () =>
      transport.start(defineWorker(load, new URL('./workers/count.ts', import.meta.url)), {
        out,
        upTo: 1,
      }),
    );
    expect(error.message).toContain(
      "new Worker(new URL('./x.worker.js', import.meta.url), { type: 'module' })",
    );
    expect(error.message).toContain("serveWorker(() => import('./x.js'))");
    await out.put(1);
    expect(await queue.consumer().get()).toBe(1);
  });

  it('when the factory throws', async () => {
    const cause = new RangeError('no more workers');
    const error = await startError(() => {
      throw cause;
    });
    expect(error).toMatchObject({ code: 'WORKER_LOAD_FAILED', cause });
    expect(error.message).toContain('no more workers');
  });

  it('when the factory gives something else', async () => {
    expect(await startError(() => ({}))).toMatchObject({ code: 'WORKER_LOAD_FAILED' });
    expect(await startError(() => undefined as never)).toMatchObject({
      code: 'WORKER_LOAD_FAILED',
    });
  });

  it('when its file is not there', async () => {
    const error = await startError(
      module(new URL('./workers/none.worker.js', import.meta.url).href),
    );
    expect(error.code).toBe('WORKER_LOAD_FAILED');
    expect(error.message).toContain("the browser's console");
  });

  it('when its file is not JavaScript', async () => {
    expect(await startError(module(script('let x = ;')))).toMatchObject({
      code: 'WORKER_LOAD_FAILED',
    });
  });

  it('when its file throws, with the message', async () => {
    const error = await startError(module(script('throw new RangeError("from the very start")')));
    expect(error.code).toBe('WORKER_LOAD_FAILED');
    expect(error.message).toContain('from the very start');
  });

  it('when its file is another origin’s', async () => {
    const error = await startError(module('http://127.0.0.1:1/x.js'));
    // Not every engine tells this from what is missing.
    expect(['WORKER_BLOCKED', 'WORKER_LOAD_FAILED']).toContain(error.code);
    if (inject('engine') === 'chromium') expect(error.code).toBe('WORKER_BLOCKED');
  });

  it('when its file serves nothing, after a while', async () => {
    const silent = module(new URL('./workers/silent.worker.ts', import.meta.url).href);
    const error = await startError(silent, 300);
    expect(error).toMatchObject({ code: 'WORKER_LOAD_FAILED', details: { timeout: 300 } });
    expect(error.message).toContain('startTimeout');
  });

  const any = (name: string) => () =>
    new Worker(new URL('./any.worker.ts', import.meta.url), {
      type: 'module',
      name: new URL(name, import.meta.url).href,
    });

  it('when its module is not there', async () => {
    expect(await startError(any('./workers/none.js'))).toMatchObject({
      code: 'WORKER_LOAD_FAILED',
    });
  });

  it('when its module throws', async () => {
    const error = await startError(any('./workers/throws-loading.ts'));
    expect(error).toMatchObject({
      code: 'WORKER_LOAD_FAILED',
      cause: { message: 'thrown while it was loaded' },
    });
  });

  it('when it closes itself', async () => {
    expect(await startError(any('./workers/closes-loading.ts'))).toMatchObject({
      code: 'WORKER_EXITED',
    });
  });

  it('when it is terminated before it has begun', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<number>({ transport });
    const handle = transport.start(defineWorker(load, forms['the module itself']), {
      out: queue.producer(),
      upTo: 1,
    });
    queue.close();
    const [exit, failed] = await Promise.all([
      handle.terminate(),
      refusal('WORKER_TERMINATED', handle.started()),
    ]);
    expect(exit).toEqual({ status: 'failed', error: failed });
    expect(await itemsOf(queue.consumer())).toEqual([]);
  });
});

describe('bad input', () => {
  it.each([
    ['linger', -1],
    ['linger', NaN],
    ['startTimeout', '5'],
  ])('%s of %s is refused', async (option, value) => {
    const error = await refusal('BAD_OPTION', () => browserWorkers({ [option]: value }));
    expect(error.details).toEqual({ option, value });
  });

  it('serveWorker() in a page is refused', async () => {
    await refusal('CAPABILITY_MISSING', () => {
      serveWorker(load);
    });
  });

  it('a closed transport starts nothing', async () => {
    const transport = browserWorkers();
    const queue = new IterableQueue<number>({ transport });
    const out = queue.producer();
    await transport.close();
    await refusal('TRANSPORT_CLOSED', () =>
      transport.start(defineWorker(load, forms['the module itself']), { out, upTo: 1 }),
    );
  });
});
