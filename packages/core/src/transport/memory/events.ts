/** Typed listeners. A listener that throws harms nobody else: its error surfaces as an unhandled rejection. */
export class Events<Of> {
  private readonly listeners = new Map<keyof Of, Set<(event: never) => void>>();

  on<K extends keyof Of>(type: K, listener: (event: Of[K]) => void): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set);
    // A wrapper of its own for each call, so that the same function can listen twice and stop once.
    const own = (event: Of[K]): void => {
      listener(event);
    };
    set.add(own);
    return () => {
      set.delete(own);
    };
  }

  emit<K extends keyof Of>(type: K, event: Of[K]): void {
    for (const listener of this.listeners.get(type) ?? []) {
      try {
        (listener as (event: Of[K]) => void)(event);
      } catch (error) {
        void Promise.reject(error);
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
