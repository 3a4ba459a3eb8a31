import { IterableQueue } from '@millrace/core';

declare const self: DedicatedWorkerGlobalScope;

// Of what a worker can do, this tells what the smoke test asks for.
self.onmessage = ({ data }: MessageEvent<unknown>) => {
  self.postMessage({
    data,
    isolated: self.crossOriginIsolated,
    memory: typeof SharedArrayBuffer,
    locks: typeof self.navigator.locks.request,
    core: typeof IterableQueue,
  });
};
