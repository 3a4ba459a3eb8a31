import type { WorkerEntry, WorkerModule } from '@millrace/core';
import { serveWorker } from '@millrace/browser-adapter/worker';

// Which module it serves is its name: one file for all that the tests start.
serveWorker(() => import(/* @vite-ignore */ self.name) as Promise<WorkerModule<WorkerEntry>>);
