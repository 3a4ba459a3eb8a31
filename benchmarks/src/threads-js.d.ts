// threads.js names no types that TypeScript finds in its ES modules.
declare module 'threads' {
  type Answers<Exposed> = {
    [Name in keyof Exposed]: Exposed[Name] extends (...args: infer Args) => infer Result
      ? (...args: Args) => Promise<Awaited<Result>>
      : never;
  };
  interface Worker {
    setMaxListeners(count: number): void;
  }
  export const Worker: new (file: string) => Worker;
  export function spawn<Exposed>(worker: Worker): Promise<Answers<Exposed>>;
  export const Thread: { terminate(thread: object): Promise<void> };
}

declare module 'threads/worker' {
  export function expose(exposed: object): void;
}
