// A SharedWorker that serves nobody.
export {};
