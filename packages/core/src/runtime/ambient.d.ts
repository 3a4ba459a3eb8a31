// What every JavaScript runtime has, and neither ES nor our compiler options name. Types only: nothing is emitted.
// The shapes are kept to what core uses, so that a runtime's own, richer types are assignable to them.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
interface ReadableStreamDefaultController<R> {
  readonly desiredSize: number | null;
  enqueue(chunk: R): void;
  close(): void;
  error(reason: unknown): void;
}
interface ReadableStreamReader<R> {
  read(): Promise<{ done: boolean; value?: R | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}
interface ReadableStream<R> {
  getReader(): ReadableStreamReader<R>;
}
interface WritableStream<W> {
  readonly locked: boolean;
  getWriter(): { write(chunk: W): Promise<void>; close(): Promise<void> };
}
interface ImportMeta {
  readonly url: string;
}
