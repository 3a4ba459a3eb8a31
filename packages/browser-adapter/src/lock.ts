/** The Web Locks of this page or worker: absent where the page is not in a secure context. */
function locks(): LockManager | undefined {
  return (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks;
}

let names = 0;

/** A name that no other lock of this origin has. */
export function lockName(of = 'worker'): string {
  return `millrace:${of}:${String(++names)}:${Date.now().toString(36)}:${Math.random().toString(36).slice(2)}`;
}

/** Holds the lock for as long as this worker lives; answers false where there are none to be had. */
export async function holdForLife(name: string): Promise<boolean> {
  return (await hold(name)) !== undefined;
}

/** Waits for the lock, and answers what lets go of it; undefined where there are none to be had, or when the signal came first. */
export function hold(name: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const manager = locks();
    if (manager === undefined) {
      resolve(undefined);
      return;
    }
    const held = manager.request(name, signal === undefined ? {} : { signal }, () => {
      return new Promise<void>((release) => {
        resolve(release);
      });
    });
    // As in a worker whose origin is its own: it was made of a data URL.
    held.catch(() => {
      resolve(undefined);
    });
  });
}

/**
 * Calls back when whoever holds the lock is gone: it is the one thing that every engine does for a worker that ends, in
 * whatever way. Returns what ends the waiting.
 */
export function whenFree(name: string, free: () => void): () => void {
  const ending = new AbortController();
  const got = locks()?.request(name, { signal: ending.signal }, () => {
    free();
  });
  got?.catch(() => undefined);
  return () => {
    ending.abort();
  };
}
