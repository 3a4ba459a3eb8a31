import type { ProducerEndpoint, WorkerContext } from '@millrace/core';

/** Puts its process's number to whatever it is given by a message. */
export default function given(_: unknown, { channel }: WorkerContext): Promise<unknown> {
  return new Promise((resolve) => {
    channel.listen((message) => {
      const { out } = message as { readonly out: ProducerEndpoint<number> };
      resolve(Promise.resolve(out.put(process.pid)));
    });
  });
}
