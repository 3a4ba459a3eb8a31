import { serveWorker } from '@millrace/browser-adapter/worker';

// As when the browser ends it: nobody is told.
Object.assign(self, { vanish: self.close.bind(self) });

serveWorker(() => import('./mortal.js'));
