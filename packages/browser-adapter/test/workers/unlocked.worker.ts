import { serveWorker } from '@millrace/browser-adapter/worker';

// As in a page that is not in a secure context.
Object.defineProperty(navigator, 'locks', { value: undefined });

serveWorker(() => import('./mortal.js'));
