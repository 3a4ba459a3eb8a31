import type { WorkerContext } from '@millrace/core';

export type Way =
  | 'exit'
  | 'exit in silence'
  | 'throw'
  | 'large throw'
  | 'unhandled'
  | 'memory'
  | 'abort'
  | 'kill'
  | 'spin'
  | 'wait'
  | 'lingers'
  | 'lingers on its own'
  | 'disconnect'
  | 'handled'
  | 'until stopped';

interface MortalArgs {
  readonly way: Way;
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** Says its process's number, and then ends, or does not. */
export default async function mortal({ way }: MortalArgs, context: WorkerContext): Promise<unknown> {
  context.channel.post(process.pid);
  switch (way) {
    case 'exit':
      return process.exit(3);
    case 'exit in silence':
      return process.exit(0);
    case 'throw':
      setImmediate(() => {
        throw Object.assign(new RangeError('thrown in a timer'), { code: 'E_THROWN', place: { at: 7 } });
      });
      return forever();
    case 'large throw':
      setImmediate(() => {
        throw Object.assign(new RangeError('thrown in a timer'), { text: 'x'.repeat(5_000_000) });
      });
      return forever();
    case 'unhandled':
      void Promise.reject(Object.assign(new Error('rejected unseen'), { code: 'E_UNSEEN' }));
      return forever();
    case 'handled': {
      const caught = new Promise((resolve) => {
        process.once('uncaughtException', (error) => {
          resolve(error.message);
        });
      });
      setImmediate(() => {
        throw new Error('for its own listener');
      });
      return caught;
    }
    case 'memory':
      for (const hoard: unknown[] = []; ; ) hoard.push(new Array(1e5).fill({ way }));
    case 'abort':
      return process.abort();
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return forever();
    case 'spin':
      for (;;);
    case 'wait':
      return forever();
    case 'lingers':
      setInterval(() => undefined, 1000);
      return 'returned';
    case 'lingers on its own':
      setInterval(() => {
        // The listener of the process itself is gone.
        if (process.listenerCount('SIGINT') === 0) context.channel.post('on its own');
      }, 10);
      return 'returned';
    case 'disconnect':
      process.disconnect();
      return forever();
    case 'until stopped':
      await new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve();
        else
          context.signal.addEventListener('abort', () => {
            resolve();
          });
      });
      // Where nobody hears it, it can still be read.
      console.log('stopped');
      return 'stopped';
  }
}
