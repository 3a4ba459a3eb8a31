/**
 * The side of the worker: what the first file of every Web Worker imports.
 *
 * @module
 */
import type { WorkerEntry, WorkerModule } from '@millrace/core';
import {
  enterWorker,
  type FromWorker,
  isShared,
  isSharedToken,
  type Link,
  MillraceError,
  packErrors,
  presentable,
  type Received,
  receiveArgs,
  type reviveShared,
  reviveEndpoint,
  type SentArgs,
  systemRuntime,
  type ToWorker,
} from '@millrace/core/channels';
import { holdForLife } from './lock.js';
import { type Begin, isBegin, type ToHost } from './messages.js';
import { Links } from './port-link.js';

/** A worker's module, or what loads it. */
export type Served =
  | WorkerModule<WorkerEntry>
  | Promise<WorkerModule<WorkerEntry>>
  | (() => WorkerModule<WorkerEntry> | Promise<WorkerModule<WorkerEntry>>);

/** Whether an endpoint in shared memory is among what came. */
function needsSharedMemory({ travellers }: SentArgs): boolean {
  return travellers.some(([, token]) => isSharedToken(token));
}

/** What is used of a worker's global scope: the page's types, which are in force here, do not know it. */
interface Scope extends EventTarget {
  close(): void;
  readonly location: { readonly href: string };
}

/**
 * Serves a module as a worker: what the file of a Web Worker has to do, once, before it awaits anything. The module is the
 * same file as on Node.
 *
 * Throws `CAPABILITY_MISSING` anywhere but in a Web Worker.
 *
 * @example
 * ```ts
 * // count.ts
 * export default function count({ upTo }: { upTo: number }) {
 *   return upTo;
 * }
 * ```
 *
 * ```ts
 * // count.worker.ts
 * import { serveWorker } from '@millrace/browser-adapter/worker';
 *
 * serveWorker(() => import('./count.js'));
 * ```
 */
export function serveWorker(module: Served): void {
  if (!('DedicatedWorkerGlobalScope' in globalThis))
    throw new MillraceError(
      'CAPABILITY_MISSING',
      'serveWorker() was called outside of a Web Worker: only the file that new Worker() is given calls it.',
    );
  const scope = globalThis as unknown as Scope;
  const onMessage = (event: Event): void => {
    const { data } = event as MessageEvent<unknown>;
    if (!isBegin(data)) return;
    event.stopImmediatePropagation();
    scope.removeEventListener('message', onMessage);
    new ServedWorker(scope, data).run(async () =>
      typeof module === 'function' ? module() : module,
    );
  };
  // At once: what comes before somebody listens is lost.
  scope.addEventListener('message', onMessage);
}

class ServedWorker {
  private readonly scope: Scope;
  private readonly begin: Begin;
  private readonly links = new Links();
  private readonly close: () => void;
  private leaving = false;
  /** Makes links of places in shared memory: loaded when there is one. */
  private revive: typeof reviveShared | undefined;

  constructor(scope: Scope, begin: Begin) {
    this.scope = scope;
    this.begin = begin;
    this.close = scope.close.bind(scope);
    // The host hears of it in order, and where there are no locks, at all.
    scope.close = this.leave;
    for (const type of ['error', 'unhandledrejection'])
      scope.addEventListener(type, this.onUncaught);
  }

  run(load: () => Promise<unknown>): void {
    void this.live(load);
  }

  private async live(load: () => Promise<unknown>): Promise<void> {
    const { start, lock, control } = this.begin;
    // Before any code of the user's: it may end the worker.
    this.tell({ kind: 'alive', held: await holdForLife(lock) });
    if (needsSharedMemory(start.sent)) await this.loadSharedMemory();
    const { hear, over } = enterWorker({
      // Here it is known by its own file, whatever the host calls it.
      start: { ...start, place: this.scope.location.href },
      runtime: systemRuntime,
      tell: this.tell,
      receive: (sent) => this.receive(sent),
      load,
    });
    control.onmessageerror = () => {
      this.uncaught(new Error('The host has sent a value that cannot be read in the worker.'));
    };
    // This starts the port: what the host has said meanwhile comes now.
    let before: Promise<void> | undefined;
    control.onmessage = ({ data }: MessageEvent<ToWorker>) => {
      const loads = 'sent' in data && needsSharedMemory(data.sent) && this.revive === undefined;
      if (before === undefined && !loads) hear(data);
      // What comes meanwhile waits behind it.
      else
        before = (before ?? this.loadSharedMemory()).then(() => {
          hear(data);
        });
    };
    await over;
    this.leave();
  }

  private async loadSharedMemory(): Promise<void> {
    try {
      ({ reviveShared: this.revive } = await import('./shared-worker.js'));
    } catch (error) {
      this.uncaught(error);
      await new Promise(() => undefined);
    }
  }

  private receive(sent: SentArgs): Received {
    const connect = (port: object): Link => this.links.connect(port as MessagePort);
    return receiveArgs(sent, systemRuntime, (token) =>
      reviveEndpoint(token, systemRuntime, (port, role) =>
        isShared(port)
          ? this.revive!(port, role, connect(port.port), systemRuntime)
          : connect(port),
      ),
    );
  }

  private readonly tell = (message: FromWorker | ToHost): void => {
    if (this.leaving) return;
    this.begin.control.postMessage(message);
  };

  /** A worker of the browser's would go on; here as everywhere, an error that nobody caught ends it. */
  private readonly onUncaught = (event: Event): void => {
    // Later, when all listeners have been called: what one of the user's took is the user's affair.
    systemRuntime.defer(() => {
      if (event.defaultPrevented) return;
      if ('reason' in event) this.uncaught(event.reason);
      else {
        const { error, message } = event as Event & {
          readonly error: unknown;
          readonly message: string;
        };
        // Of a script from another origin no more than that is told.
        this.uncaught(error ?? new Error(message));
      }
    });
  };

  private uncaught(error: unknown): void {
    this.tell({ kind: 'uncaught', error: packErrors(presentable(error)) });
    this.leave();
  }

  private readonly leave = (): void => {
    if (this.leaving) return;
    this.links.close();
    this.tell({ kind: 'bye' });
    this.leaving = true;
    this.close();
  };
}
