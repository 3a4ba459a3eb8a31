import type { WorkerContext } from '@millrace/core';

export interface TalksArgs {
  readonly say: readonly unknown[];
}

/** Says what it was told to, sends everything back that it hears, and ends with how much that was. */
export default function talks({ say }: TalksArgs, { channel }: WorkerContext): Promise<number> {
  for (const message of say) channel.post(message);
  let heard = 0;
  return new Promise((resolve, reject) => {
    channel.listen((message) => {
      if (message === 'enough') {
        resolve(heard);
        return;
      }
      heard++;
      try {
        channel.post(message === 'something bad' ? () => undefined : message);
      } catch (error) {
        reject(error);
      }
    });
  });
}
