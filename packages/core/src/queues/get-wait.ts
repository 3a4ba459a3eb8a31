import { MillraceError } from '../errors/error.js';
import type { Taken, Taker } from '../transport/backend.js';
import type { IterationOwner } from './iteration.js';
import { checkWait, watch, type WaitOptions } from './waits.js';

/** A lone get: acknowledged once the item has reached the caller's process. */
export class GetWait implements Taker {
  before: Taker | undefined;
  after: Taker | undefined;
  inLine = false;
  owner: unknown;
  readonly held = 0;
  readonly ahead = false;
  readonly partial = false;
  readonly holds = false;

  private readonly endpoint: IterationOwner;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;
  private unwatch: (() => void) | undefined;

  private constructor(endpoint: IterationOwner) {
    this.endpoint = endpoint;
  }

  static async run(endpoint: IterationOwner, options: WaitOptions | undefined): Promise<unknown> {
    if (options !== undefined) checkWait('The get', options);
    const { backend } = endpoint;
    const taken = backend.take();
    if (taken !== undefined) {
      backend.ack(taken);
      return taken.value;
    }
    if (backend.ended(0)) throw queueEnded(backend.id);
    const wait = new GetWait(endpoint);
    return new Promise((resolve, reject) => {
      wait.resolve = resolve;
      wait.reject = reject;
      backend.park(wait);
      if (options !== undefined && wait.inLine)
        wait.unwatch = watch(endpoint.runtime, 'The get', options, (error) => {
          backend.unpark(wait);
          reject(error);
        });
    });
  }

  give(taken: Taken): void {
    this.unwatch?.();
    try {
      this.endpoint.backend.ack(taken);
      this.resolve(taken.value);
    } catch (error) {
      this.reject(error);
    }
  }

  end(): void {
    this.unwatch?.();
    this.reject(queueEnded(this.endpoint.backend.id));
  }

  fail(error: MillraceError): void {
    this.unwatch?.();
    this.reject(error);
  }
}

export function queueEnded(endpoint: string): MillraceError {
  return new MillraceError('QUEUE_ENDED', `No item will come to ${endpoint}: its queue has ended.`, { endpoint });
}
