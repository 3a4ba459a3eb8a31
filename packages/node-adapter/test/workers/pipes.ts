import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface PipesArgs {
  readonly source: ConsumerEndpoint<number>;
  readonly out: ProducerEndpoint<number>;
  readonly how: 'stream' | 'pipeTo' | 'putAll';
}

/** Passes all items on by streams. */
export default async function pipes({ source, out, how }: PipesArgs): Promise<void> {
  if (how === 'pipeTo') await source.pipeTo(out.toWritable());
  else if (how === 'putAll') await out.putAll(source);
  else {
    const doubling = new TransformStream<number, number>({
      transform: (n, controller) => {
        controller.enqueue(2 * n);
      },
    });
    const readable = source.toReadable();
    await readable.pipeThrough(doubling).pipeTo(out.toWritable());
  }
}
