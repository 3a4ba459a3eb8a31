import { systemRuntime } from '@millrace/core';
import { fix, packErrors, type Received, receiveArgs, reviveEndpoint, type SentArgs, WorkerSide } from '@millrace/core/channels';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './control.js';
import { PortLink } from './port-link.js';

/** The first file of every thread: loads the user's module, gives it its arguments, and tells the host how it went. */
async function main(host: MessagePort, data: ThreadData): Promise<void> {
  const tell = (message: FromThread): void => {
    host.postMessage(message);
  };
  const receive = (sent: SentArgs): Received =>
    receiveArgs(sent, systemRuntime, (token) => reviveEndpoint(token, systemRuntime, (port) => new PortLink(port as MessagePort)));
  const side = new WorkerSide({
    id: data.id,
    role: data.role,
    runtime: systemRuntime,
    given: receive(data.sent),
    post: (message) => {
      tell({ kind: 'post', message: packErrors(fix(message, 'message')) });
    },
  });
  // This listener also keeps the thread alive while its function waits.
  host.on('message', (message: ToThread) => {
    if (message.kind === 'stop') side.stop();
    else side.receive(receive(message.sent));
  });
  try {
    const value = await side.run(
      data.url,
      () => import(data.url),
      () => {
        tell({ kind: 'started' });
      },
    );
    tell({ kind: 'finished', value: packErrors(fix(value, 'result')) });
  } catch (error) {
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
