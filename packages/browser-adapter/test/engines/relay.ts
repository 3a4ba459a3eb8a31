declare const self: DedicatedWorkerGlobalScope;

// A worker that has a worker: it passes on what it is sent, and what comes back.
const inner = new Worker(new URL('./echo.ts', import.meta.url), { type: 'module' });
inner.onmessage = ({ data }: MessageEvent<unknown>) => self.postMessage(data);
inner.onerror = (event) => self.postMessage({ error: event.message });
self.onmessage = ({ data }: MessageEvent<unknown>) => inner.postMessage(data);
