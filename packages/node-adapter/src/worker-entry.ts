import { systemRuntime, type WorkerContext } from '@millrace/core';
import { fix, Inlet, loadWorker, packErrors, receiveArgs, reviveEndpoint, runWorker, type SentArgs } from '@millrace/core/channels';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './control.js';
import { PortLink } from './port-link.js';

/** The first file of every thread: loads the user's module, gives it its arguments, and tells the host how it went. */
async function main(host: MessagePort, data: ThreadData): Promise<void> {
  const tell = (message: FromThread): void => {
    host.postMessage(message);
  };
  const stopping = new AbortController();
  const inlet = new Inlet();
  const receive = (sent: SentArgs): ReturnType<typeof receiveArgs> =>
    receiveArgs(sent, systemRuntime, (token) => reviveEndpoint(token, systemRuntime, (port) => new PortLink(port as MessagePort)));
  // The endpoints' links are open before anything can fail, so that the queues hear of what is closed.
  const { args, endpoints } = receive(data.sent);
  // This listener also keeps the thread alive while its function waits.
  host.on('message', (message: ToThread) => {
    if (message.kind === 'stop') stopping.abort();
    else {
      const received = receive(message.sent);
      endpoints.push(...received.endpoints);
      inlet.push(received.args);
    }
  });
  const context: WorkerContext = {
    id: data.id,
    signal: stopping.signal,
    runtime: systemRuntime,
    channel: {
      post: (message) => {
        tell({ kind: 'post', message: packErrors(fix(message, 'message')) });
      },
      listen: inlet.listen,
    },
  };
  try {
    const run = await loadWorker(data.id, data.url, () => import(data.url), data.role);
    tell({ kind: 'started' });
    const value = await runWorker(run, args, endpoints, context);
    tell({ kind: 'finished', value: packErrors(fix(value, 'result')) });
  } catch (error) {
    await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
    tell({ kind: 'failed', error: packErrors(presentable(error)) });
  } finally {
    // Nothing of ours keeps the thread from ending now.
    host.close();
  }
}

/** What can travel of an error: the fields that cannot be copied, its causes' among them, are left out. */
function presentable(value: unknown, within: readonly unknown[] = []): unknown {
  try {
    return fix(value);
  } catch {
    if (!(value instanceof Error) || within.includes(value)) return undefined;
    const { name, message, stack } = value;
    const copy = Object.assign(new Error(message) as Error & Record<string, unknown>, { name, stack });
    for (const key of Object.getOwnPropertyNames(value)) {
      if (key in copy) continue;
      const field = presentable((value as unknown as Record<string, unknown>)[key], [...within, value]);
      if (field !== undefined) copy[key] = field;
    }
    return copy;
  }
}

if (parentPort !== null) void main(parentPort, workerData as ThreadData);
