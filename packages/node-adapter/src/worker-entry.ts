import { enterWorker, isShared, receiveArgs, reviveEndpoint, reviveShared, systemRuntime, type Link, type ToWorker, type WorkerStart } from '@millrace/core/channels';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PortLink } from './port-link.js';

/** The first file of every thread. */
async function main(host: MessagePort, start: WorkerStart): Promise<void> {
  const { hear, over } = enterWorker({
    start,
    runtime: systemRuntime,
    tell: (message) => {
      host.postMessage(message);
    },
    receive: (sent) =>
      receiveArgs(sent, systemRuntime, (token) => reviveEndpoint(token, systemRuntime, connect)),
    load: (url) => import(url),
  });
  // This listener also keeps the thread alive while its function waits.
  host.on('message', (message: ToWorker) => {
    hear(message);
  });
  await over;
  // Nothing of ours keeps the thread from ending now.
  host.close();
}

function connect(port: object, role: 'producer' | 'consumer'): Link {
  if (isShared(port)) return reviveShared(port, role, connect(port.port, role), systemRuntime);
  const link = new PortLink(port as MessagePort, () => {
    link.lose();
  });
  return link;
}

if (parentPort !== null) void main(parentPort, workerData as WorkerStart);
