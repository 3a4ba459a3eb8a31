import { defineWorker, type MillraceError, type WorkerFunction } from '@millrace/core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openProcesses, refusal } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'millrace-start-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function worker(url: URL | undefined) {
  return defineWorker<WorkerFunction<unknown, unknown>>(() => Promise.reject(new Error('for memory only')), url);
}

async function startError(url: URL): Promise<MillraceError> {
  const processes = openProcesses();
  const handle = processes.start(worker(url), {}, { name: 'hopeless' });
  const failed = handle.started().then(
    () => undefined,
    (error: unknown) => error,
  );
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  expect(await failed).toBe(exit.error);
  await expect(handle.result()).rejects.toBe(exit.error);
  expect(handle.state).toBe('stopped');
  expect(exit.error.details).toMatchObject({ worker: 'hopeless', module: url.href });
  expect(processes.lost).toEqual(['hopeless']);
  return exit.error;
}

function file(name: string, text?: string): URL {
  const place = path.join(folder, name);
  if (text !== undefined) writeFileSync(place, `${text}\n`);
  return pathToFileURL(place);
}

describe('a module that cannot be run', () => {
  it('is not there', async () => {
    const error = await startError(file('no where (really).mjs'));
    expect(error).toMatchObject({ code: 'WORKER_MODULE_NOT_FOUND', cause: { code: 'ERR_MODULE_NOT_FOUND' } });
  });

  it.each([
    ['throws.mjs', "throw Object.assign(new RangeError('at load'), { code: 'E_OWN' });", { name: 'RangeError', code: 'E_OWN' }],
    ['syntax.mjs', 'export default functino () {}', { name: 'SyntaxError' }],
    ['misses-file.mjs', "import './nowhere.mjs';", { code: 'ERR_MODULE_NOT_FOUND' }],
  ])('is there and does not load: %s', async (name, text, cause) => {
    expect(await startError(file(name, text))).toMatchObject({ code: 'WORKER_LOAD_FAILED', cause });
  });

  it.each([
    ['empty.mjs', ''],
    ['object.mjs', 'export default { work() {} };'],
  ])('exports nothing to run: %s', async (name, text) => {
    expect(await startError(file(name, text))).toMatchObject({ code: 'WORKER_NO_ENTRY' });
  });

  it('has no URL', async () => {
    const processes = openProcesses();
    const error = await refusal('WORKER_MODULE_NOT_FOUND', () => processes.start(worker(undefined), {}));
    expect(error.message).toContain('new URL(');
    expect(processes.lost).toEqual([]);
  });
});

describe('a process', () => {
  it.each([
    ['maxOldGenerationSizeMb', -1],
    ['maxOldGenerationSizeMb', NaN],
    ['maxYoungGenerationSizeMb', Infinity],
  ])('is refused with bad limits: %s %s', async (limit, value) => {
    const error = await refusal('BAD_OPTION', () => openProcesses({ resourceLimits: { [limit]: value } }).start(worker(file('never.mjs')), {}));
    expect(error.details).toMatchObject({ option: `resourceLimits.${limit}` });
  });

  it('has the memory it was given', async () => {
    const url = file('heap.mjs', "import v8 from 'node:v8'; export default () => v8.getHeapStatistics().heap_size_limit;");
    const limit = { maxOldGenerationSizeMb: 100, maxYoungGenerationSizeMb: 12 };
    expect(await openProcesses({ resourceLimits: limit }).start(worker(url), {}).result()).toBe(112 * 2 ** 20);
  });

  it('bears its worker\'s name, and none of its parent\'s arguments', async () => {
    const url = file('tells.mjs', 'export default () => [process.title, process.argv.slice(2), process.ppid];');
    expect(await openProcesses().start(worker(url), {}, { name: 'named' }).result()).toEqual(['named', [], process.pid]);
  });

  it('that cannot be made is a worker that has ended, and what it was given is lost', async () => {
    const { execPath } = process;
    process.execPath = path.join(folder, 'no-node');
    onTestFinished(() => {
      process.execPath = execPath;
    });
    const processes = openProcesses();
    const handle = processes.start(worker(file('never.mjs')), {}, { name: 'unmade' });
    process.execPath = execPath;
    handle.stop();
    handle.channel.post('unheard');
    const error = await refusal('WORKER_EXITED', handle.started());
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
    expect(await handle.terminate()).toEqual({ status: 'failed', error });
    expect(processes.lost).toEqual(['unmade']);
  });

  it('hears nothing of what else is sent on its channel, nor does its host', async () => {
    const url = file(
      'chats.mjs',
      "export default (_, { channel }) => { process.send('ready'); process.send({ millrace: 1 }); process.send(null); channel.post('ours'); return 1; };",
    );
    const handle = openProcesses().start(worker(url), {});
    const heard: unknown[] = [];
    handle.channel.listen((message) => heard.push(message));
    expect(await handle.result()).toBe(1);
    expect(heard).toEqual(['ours']);
  });
});

it('many starts and stops leave nothing behind', async () => {
  const processes = openProcesses();
  const url = file('waits.mjs', "export default (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve));");
  const round = async () => {
    const handle = processes.start(worker(url), {});
    await handle.started();
    handle.stop();
    expect((await handle.exit).status).toBe('finished');
  };
  const held = () => ({
    handles: process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap' || name === 'PipeWrap').length,
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
    stderr: process.stderr.eventNames().map((name) => [name, process.stderr.listenerCount(name)]),
  });
  await round();
  const before = held();
  for (let n = 0; n < 12; n++) await round();
  // Pipes are closed in their own turn.
  await vi.waitFor(
    () => {
      const after = held();
      expect(after.handles).toBeLessThanOrEqual(before.handles);
      expect(after).toEqual({ ...before, handles: after.handles });
    },
    { timeout: 60_000 },
  );
});
