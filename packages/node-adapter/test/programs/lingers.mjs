// A worker's function returns, and leaves a timer and a server behind that would hold its thread for ever.
import { defineWorker } from '@millrace/core';
import { workerThreads } from '@millrace/node-adapter';

import { end } from './end.mjs';

const leaveTimer = defineWorker(
  () => import('./workers/leave-timer.mjs'),
  new URL('./workers/leave-timer.mjs', import.meta.url),
);
const worker = workerThreads({ linger: 20 }).start(leaveTimer, undefined);
await end([await worker.result(), (await worker.exit).status, worker.state]);
