import { DO, type Peer, type PipeEnd, type WorkerContext } from '@millrace/core';

export interface Talk {
  DO: number | string;
  FINISHED: unknown;
  ready: undefined;
  note: number;
}

export interface ServesArgs {
  readonly self: Peer<Talk> | PipeEnd<Talk, Talk>;
  /** Blocks its thread for so many ms on each DO. */
  readonly blockMs?: number;
}

/** Answers each DO, until it is told to die: what it was asked decides how. */
export default async function serves({ self, blockMs = 0 }: ServesArgs, { signal }: WorkerContext) {
  let served = 0;
  for await (const message of self) {
    if (message.request !== DO) continue;
    const until = performance.now() + blockMs;
    while (performance.now() < until);
    served++;
    switch (message.data) {
      case 'die':
        process.exit(3);
      // eslint-disable-next-line no-fallthrough -- it is gone
      case 'throw':
        throw new Error('asked to throw');
      case 'fail':
        await message.fail(Object.assign(new RangeError('too far'), { code: 'FAR' }));
        break;
      case 'never':
        break;
      case 'attempt':
        await message.finish(message.attempt);
        break;
      default:
        await message.finish(Number(message.data) * 2);
    }
  }
  return { served, stopped: signal.aborted };
}
