import { defineWorker, type MillraceError, type WorkerFunction } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { message, messages, openProcesses, refusal } from './support.ts';
import type { Way } from './workers/mortal.ts';

const mortal = defineWorker(() => import('./workers/mortal.js'), new URL('./workers/mortal.ts', import.meta.url));

const LITTLE = { resourceLimits: { maxOldGenerationSizeMb: 24 } };

function run(way: Way, settings: Parameters<typeof openProcesses>[0] = {}) {
  const processes = openProcesses(settings);
  return { processes, handle: processes.start(mortal, { way }, { name: 'mortal' }) };
}

/** `exit`, `result()`, `started()` and `state` all tell the same of a worker that had begun. */
async function afterwards({ processes, handle }: ReturnType<typeof run>): Promise<MillraceError> {
  const exit = await handle.exit;
  if (exit.status === 'finished') throw new Error('it finished');
  await handle.started();
  expect(handle.state).toBe('stopped');
  await expect(handle.result()).rejects.toBe(exit.error);
  handle.stop();
  expect(await handle.terminate()).toBe(exit);
  expect(processes.lost).toEqual(['mortal']);
  expect(exit.error.name).toBe('MillraceError');
  expect(exit.error.details).toMatchObject({ worker: 'mortal' });
  expect(exit.error.message).toContain('mortal');
  return exit.error;
}

describe('how a worker ended is told', () => {
  it('when it called process.exit', async () => {
    expect(await afterwards(run('exit'))).toMatchObject({ code: 'WORKER_EXITED', details: { exitCode: 3 } });
    expect(await afterwards(run('exit in silence'))).toMatchObject({ code: 'WORKER_EXITED', details: { exitCode: 0 } });
  });

  it('when a signal ended it', async () => {
    const error = await afterwards(run('kill'));
    expect(error).toMatchObject({ code: 'WORKER_EXITED', details: { signal: 'SIGKILL' } });
    expect(error.message).toContain('SIGKILL');
    expect(await afterwards(run('abort'))).toMatchObject({ code: 'WORKER_EXITED', details: { signal: 'SIGABRT' } });
  });

  it('when it threw where nobody catches', async () => {
    const error = await afterwards(run('throw'));
    expect(error.code).toBe('WORKER_FAILED');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'thrown in a timer', code: 'E_THROWN', place: { at: 7 } });
    expect((error.cause as Error).stack).toContain('mortal.ts');
  });

  it('when that error is large', async () => {
    const error = await afterwards(run('large throw'));
    expect((error.cause as { text?: string }).text).toHaveLength(5_000_000);
  });

  it('when it left a rejection unhandled', async () => {
    const error = await afterwards(run('unhandled'));
    expect(error).toMatchObject({ code: 'WORKER_FAILED', cause: { message: 'rejected unseen', code: 'E_UNSEEN' } });
  });

  it('but not when it caught that itself', async () => {
    expect(await run('handled').handle.result()).toBe('for its own listener');
  });

  it('when it ran out of memory', async () => {
    const error = await afterwards(run('memory', LITTLE));
    expect(error.code).toBe('WORKER_OUT_OF_MEMORY');
    expect(error.message).toContain('resourceLimits');
  });

  it.each<Way>(['spin', 'wait'])('when it was terminated (%s)', async (way) => {
    const ran = run(way);
    await message(ran.handle);
    expect(ran.handle.state).toBe('started');
    const [once, twice] = await Promise.all([ran.handle.terminate(), ran.handle.terminate()]);
    expect(once).toBe(twice);
    expect(await afterwards(ran)).toMatchObject({ code: 'WORKER_TERMINATED' });
  });
});

describe('a worker that ends before it begins', () => {
  it.each([
    ['exit', 'WORKER_EXITED', { exitCode: 4 }],
    ['kill', 'WORKER_EXITED', { signal: 'SIGKILL' }],
    ['spin', 'WORKER_TERMINATED', {}],
    ['wait', 'WORKER_TERMINATED', {}],
  ] as const)('says so: %s', async (way, code, details) => {
    const processes = openProcesses();
    const url = new URL(`./workers/dies-loading.ts?way=${way}`, import.meta.url);
    const handle = processes.start(
      defineWorker<WorkerFunction<unknown, void>>(() => import('./workers/dies-loading.js'), url),
      undefined,
    );
    const started = refusal(code, handle.started());
    if (code === 'WORKER_TERMINATED') void handle.terminate();
    const error = await started;
    expect(error.details).toMatchObject(details);
    expect(await handle.exit).toEqual({ status: 'failed', error });
    expect(await refusal(code, handle.started())).toBe(error);
    expect(processes.lost).toEqual([handle.id]);
  });
});

describe('stop()', () => {
  it('fires the signal of the worker, which ends as it likes', async () => {
    const { handle } = run('until stopped');
    await message(handle);
    handle.stop();
    expect(await handle.exit).toEqual({ status: 'finished', value: 'stopped' });
    handle.stop();
  });

  it('reaches a worker that is not there yet', async () => {
    const { handle } = run('until stopped');
    handle.stop();
    expect(await handle.result()).toBe('stopped');
  });
});

describe('signals', () => {
  it('from a terminal are the parent\'s affair; one to end is taken for stop()', async () => {
    const { handle } = run('until stopped');
    const pid = (await message(handle)) as number;
    process.kill(pid, 'SIGINT');
    process.kill(pid, 'SIGTERM');
    expect(await handle.exit).toEqual({ status: 'finished', value: 'stopped' });
  });
});

describe('a process whose function has returned', () => {
  it('is killed when it does not end by itself', async () => {
    const { handle } = run('lingers', { linger: 50 });
    expect(await handle.exit).toEqual({ status: 'finished', value: 'returned' });
  });

  it('is left in peace as long as its host says, and can be ended then too', async () => {
    const { handle } = run('lingers on its own', { linger: Infinity });
    const [pid] = await messages(handle, 2);
    process.kill(pid as number, 'SIGINT');
    expect(await handle.exit).toEqual({ status: 'finished', value: 'returned' });
  });
});

it('a worker that cuts its own channel is told to stop, and ends', async () => {
  const { handle } = run('disconnect', { grace: 50 });
  expect(await handle.exit).toMatchObject({ status: 'failed', error: { code: 'WORKER_EXITED' } });
});
