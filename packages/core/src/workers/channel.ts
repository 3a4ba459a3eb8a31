/**
 * Messages between a worker and its host: in order, and kept until somebody listens. What is posted when the other side is
 * gone goes nowhere.
 */
export interface WorkerChannel {
  /**
   * Sends a message. A host's may hold endpoints and slots at any depth, which are handed to the worker as in its arguments.
   * Throws what starting a worker with it would throw, having moved nothing.
   */
  post(message: unknown): void;
  /** Calls back for each message, those that came before included. A second call replaces the first. */
  listen(listener: (message: unknown) => void): void;
}

/** Where messages arrive: keeps them until there is a listener. */
export class Inlet {
  private readonly early: unknown[] = [];
  private listener: ((message: unknown) => void) | undefined;

  push(message: unknown): void {
    if (this.listener === undefined) this.early.push(message);
    else this.listener(message);
  }

  readonly listen = (listener: (message: unknown) => void): void => {
    this.listener = listener;
    for (const message of this.early.splice(0)) listener(message);
  };
}
