import { defineWorker, IterableQueue, type MillraceError, type Transport, type WorkerFunction } from '@millrace/core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { itemsOf, openTransport, refusal } from './support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'millrace-start-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileUrl(name: string): URL {
  return pathToFileURL(path.join(folder, name));
}

/** Starts a worker that cannot start; answers its error, once it is sure that the queue goes on. */
async function startError(
  transport: Transport,
  url: URL | string | undefined,
): Promise<MillraceError> {
  const queue = new IterableQueue<string>({ transport });
  const worker = defineWorker<WorkerFunction<unknown, void>>(
    () => Promise.reject(new Error('for memory only')),
    url,
  );
  const handle = transport.start(
    worker,
    { out: queue.producer(), source: queue.consumer() },
    { name: 'hopeless' },
  );
  const failed = handle.started().then(
    () => undefined,
    (error: unknown) => error,
  );
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  expect(await failed).toBe(exit.error);
  await expect(handle.result()).rejects.toBe(exit.error);
  expect(handle.state).toBe('stopped');
  await goesOn(queue);
  return exit.error;
}

/** No endpoint is open but those made here, and the queue ends. */
async function goesOn(queue: IterableQueue<string>): Promise<void> {
  expect(await queue.stats()).toMatchObject({ producers: 0, consumers: 0 });
  const producer = queue.producer();
  queue.close();
  await producer.put('still here');
  await producer.close();
  expect(await itemsOf(queue.consumer())).toEqual(['still here']);
  await queue.ended();
}

describe('a module that cannot be run', () => {
  it.each([
    ['plain', 'nowhere.mjs'],
    ['with a query', 'nowhere.mjs?version=1'],
    ['with a name that is escaped in a URL', 'no where (really).mjs'],
  ])('is not there: %s', async (_, name) => {
    const [file = '', query = ''] = name.split('?');
    const url = fileUrl(file);
    url.search = query;
    const error = await startError(openTransport(), url);
    expect(error.code).toBe('WORKER_MODULE_NOT_FOUND');
    expect(error.message).toContain(url.href);
    expect(error.details).toMatchObject({ worker: 'hopeless', module: url.href });
    expect(error.cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
  });

  it.each([
    [
      'throws.mjs',
      "throw Object.assign(new RangeError('at load'), { code: 'E_OWN', at: 7 });",
      { name: 'RangeError', message: 'at load', code: 'E_OWN', at: 7 },
    ],
    ['rejects.mjs', "await Promise.reject(new Error('at load'));", { message: 'at load' }],
    ['throws-text.mjs', "throw 'at load';", 'at load'],
    ['throws-nothing.mjs', 'throw undefined;', undefined],
    ['syntax.mjs', 'export default functino () {}', { name: 'SyntaxError' }],
    ['misses-file.mjs', "import './nowhere.mjs';", { code: 'ERR_MODULE_NOT_FOUND' }],
    ['misses-same.mjs', "import './below/misses-same.mjs';", { code: 'ERR_MODULE_NOT_FOUND' }],
    ['misses-package.mjs', "import 'there-is-no-such-package';", { code: 'ERR_MODULE_NOT_FOUND' }],
    ['misses-later.mjs', "await import('./nowhere.mjs');", { code: 'ERR_MODULE_NOT_FOUND' }],
    ['misses-export.mjs', "import { nothing } from 'node:fs';", { name: 'SyntaxError' }],
  ])('is there and does not load: %s', async (name, text, cause) => {
    writeFileSync(path.join(folder, name), `${text}\n`);
    const error = await startError(openTransport(), fileUrl(name));
    expect(error.code).toBe('WORKER_LOAD_FAILED');
    expect(error.message).toContain(fileUrl(name).href);
    expect(error.details).toMatchObject({ worker: 'hopeless', module: fileUrl(name).href });
    if (typeof cause === 'object') expect(error.cause).toMatchObject(cause);
    else expect(error.cause).toBe(cause);
  });

  it('is of a kind that the runtime does not load', async () => {
    const error = await startError(openTransport(), new URL('https://localhost/worker.mjs'));
    expect(error).toMatchObject({
      code: 'WORKER_LOAD_FAILED',
      cause: { code: 'ERR_UNSUPPORTED_ESM_URL_SCHEME' },
    });
  });

  it.each([
    ['empty.mjs', ''],
    ['named.mjs', 'export function work() {}'],
    ['object.mjs', 'export default { work() {} };'],
    ['json.cjs', 'module.exports = { a: 1 };'],
  ])('exports nothing to run: %s', async (name, text) => {
    writeFileSync(path.join(folder, name), `${text}\n`);
    const error = await startError(openTransport(), fileUrl(name));
    expect(error.code).toBe('WORKER_NO_ENTRY');
    expect(error.message).toContain(fileUrl(name).href);
    expect(error.message).toContain('export default');
  });

  it('has no URL: nothing is started, and nothing moved', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<string>({ transport });
    const producer = queue.producer();
    const worker = defineWorker<WorkerFunction<unknown, void>>(() => Promise.reject(new Error('for memory only')));
    const error = await refusal('WORKER_MODULE_NOT_FOUND', () =>
      transport.start(worker, { producer }, { name: 'hopeless' }),
    );
    expect(error.message).toContain('new URL(');
    expect(transport.health().workers).toBe(0);
    queue.close();
    await producer.put('still here');
    await producer.close();
    expect(await itemsOf(queue.consumer())).toEqual(['still here']);
  });
});
