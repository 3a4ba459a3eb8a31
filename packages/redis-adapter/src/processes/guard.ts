import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';

/** What the guard watches, and for how long, in ms, it waits then. */
export interface Guarded {
  readonly fd: number;
  readonly grace: number;
}

// A thread beside the worker's, which may be blocked: a process whose parent is gone is ended even so.
const { fd, grace } = workerData as Guarded;
const parent = new Socket({ fd, readable: true, writable: false });
parent.on('error', () => undefined);
parent.on('close', () => {
  setTimeout(() => {
    process.kill(process.pid, 'SIGKILL');
  }, grace);
});
parent.resume();
