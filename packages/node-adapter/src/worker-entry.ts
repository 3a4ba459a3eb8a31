import { systemRuntime } from '@millrace/core';
import { fix, loadWorker, packErrors, receiveArgs, reviveEndpoint, runWorker } from '@millrace/core/channels';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './control.js';
import { PortLink } from './port-link.js';

/** The first file of every thread: loads the user's module, gives it its arguments, and tells the host how it went. */
async function main(host: MessagePort, data: ThreadData): Promise<void> {
  const tell = (message: FromThread): void => {
    host.postMessage(message);
  };
  const stopping = new AbortController();
  // This listener also keeps the thread alive while its function waits.
  host.on('message', (_: ToThread) => {
    stopping.abort();
  });
  // The endpoints' links are open before anything can fail, so that the queues hear of what is closed.
  const { args, endpoints } = receiveArgs(data.sent, systemRuntime, (token) =>
    reviveEndpoint(token, systemRuntime, (port) => new PortLink(port as MessagePort)),
  );
  try {
    const run = await loadWorker(data.id, data.url, () => import(data.url));
    tell({ kind: 'started' });
    const value = await runWorker(run, args, endpoints, { id: data.id, signal: stopping.signal });
    tell({ kind: 'finished', value: packErrors(fix(value)) });
  } catch (error) {
    await Promise.allSettled(endpoints.map((endpoint) => endpoint.close()));
    tell({ kind: 'failed', error: packErrors(presentable(error)) });
  } finally {
    // Nothing of ours keeps the thread from ending now.
    host.close();
  }
}

/** An error whose fields cannot all travel still arrives with its name, message and stack. */
function presentable(error: unknown): unknown {
  try {
    return fix(error);
  } catch {
    const { name, message, stack, code } = error as Error & { code?: unknown };
    return Object.assign(new Error(message), { name, stack, code: String(code), details: {} });
  }
}

if (parentPort !== null) void main(parentPort, workerData as ThreadData);
