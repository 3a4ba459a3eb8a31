import type { ConsumerEndpoint } from '@millrace/core';
import type { MessagePort } from 'node:worker_threads';

export type Movable = { readonly port: MessagePort } | { readonly stream: ReadableStream<string> };

/** Answers to a port, and reads a stream. */
export default async function reads({
  source,
}: {
  readonly source: ConsumerEndpoint<Movable>;
}): Promise<string[]> {
  const read: string[] = [];
  for await (const item of source) {
    if ('port' in item) {
      item.port.postMessage('from the thread');
      item.port.close();
    } else for await (const chunk of item.stream) read.push(chunk);
  }
  return read;
}
