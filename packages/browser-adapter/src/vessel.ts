import type { MillraceError } from '@millrace/core';
import {
  patience,
  systemRuntime,
  type ToWorker,
  type Vessel,
  type VesselEvents,
  type WorkerStart,
} from '@millrace/core/channels';
import {
  blocked,
  closedItself,
  notLoaded,
  notLoadedInTime,
  notMade,
  unreadable,
  vanished,
} from './errors.js';
import { lockName, whenFree } from './lock.js';
import { begin, type ToHost } from './messages.js';
import type { Links } from './port-link.js';

export interface VesselOptions {
  readonly id: string;
  readonly factory: () => object;
  /** The links to it, on this side. */
  readonly links: Links;
  /** How long, in ms, a sign of its end may be waited for. */
  readonly linger: number;
  /** How long, in ms, it may take until its module is loaded. */
  readonly startTimeout: number;
}

/** A Web Worker, as its host sees it. */
export class WebWorkerVessel implements Vessel {
  private readonly options: VesselOptions;
  private readonly events: VesselEvents;
  private readonly control: MessagePort;
  private readonly lock = lockName();
  private worker: Worker | undefined;
  /** It runs its own first file, which catches its errors. */
  private alive = false;
  /** Set while its lock is watched: ends that. */
  private unwatch: (() => void) | undefined;
  private violation: SecurityPolicyViolationEvent | undefined;
  private starting: (() => void) | undefined;
  private ending: unknown;
  private terminated = false;
  private farewell = false;
  private over = false;

  constructor(
    options: VesselOptions,
    start: WorkerStart,
    transfer: readonly object[],
    events: VesselEvents,
  ) {
    this.options = options;
    this.events = events;
    const { port1, port2 } = new MessageChannel();
    this.control = port1;
    port1.onmessage = ({ data }: MessageEvent<ToHost>) => {
      this.hear(data);
    };
    port1.onmessageerror = () => {
      this.fail(unreadable(options.id));
    };
    globalThis.addEventListener('securitypolicyviolation', this.onViolation);
    try {
      this.worker = madeBy(options.factory);
      this.worker.addEventListener('error', this.onError);
      this.worker.postMessage(begin(start, this.lock, port2), [
        port2,
        ...(transfer as Transferable[]),
      ]);
    } catch (error) {
      // Its arguments have left: it is gone before it was there, and gives them back.
      systemRuntime.defer(() => {
        void this.finish(notMade(options.id, error));
      });
      return;
    }
    this.starting = patience(systemRuntime, options.startTimeout, () => {
      this.fail(notLoadedInTime(options.id, options.startTimeout));
    });
  }

  post(message: ToWorker, transfer: readonly object[]): void {
    this.control.postMessage(message, transfer as Transferable[]);
  }

  end(): void {
    if (this.terminated || this.over) return;
    this.terminated = true;
    this.worker?.terminate();
    const gone = vanished(this.options.id);
    // Its lock tells when it is really gone.
    if (this.unwatch === undefined) void this.finish(gone);
    else this.finishLater(gone);
  }

  private hear(message: ToHost): void {
    this.options.links.heard++;
    if (message.kind === 'alive') {
      this.begun();
      if (message.held && !this.over)
        this.unwatch = whenFree(this.lock, () => {
          void this.finish(vanished(this.options.id));
        });
    } else if (message.kind === 'bye') this.bye();
    else {
      if (message.kind !== 'post') this.starting?.();
      this.events.heard(message);
    }
  }

  /** From now on, what goes wrong in it is told by its first file. */
  private begun(): void {
    this.alive = true;
    globalThis.removeEventListener('securitypolicyviolation', this.onViolation);
  }

  /** It has ended all by itself. Each of its links says so too, behind what came over it. */
  private bye(): void {
    const { id, links } = this.options;
    const gone = closedItself(id);
    this.farewell = true;
    // Its lock was quicker than its word.
    if (this.over) return;
    if (links.size === 0) void this.finish(gone);
    else {
      links.onEmpty = () => {
        void this.finish(gone);
      };
      // One that it had handed on says nothing.
      this.finishLater(gone);
    }
  }

  private readonly onViolation = (event: SecurityPolicyViolationEvent): void => {
    if (event.effectiveDirective === 'worker-src' && event.disposition === 'enforce')
      this.violation = event;
  };

  private readonly onError = (event: Event): void => {
    // Whatever it is, it is told by the worker's end: the page has nothing to do with it.
    event.preventDefault();
    if (this.alive) return;
    // The violation and the error that comes of it are events of their own.
    systemRuntime.defer(() => {
      const { id } = this.options;
      const { violation } = this;
      if (violation === undefined) this.fail(notLoaded(id, event));
      else
        this.fail(
          blocked(
            id,
            `${violation.blockedURI} is against ${violation.effectiveDirective} of its content security policy`,
          ),
        );
    });
  };

  private fail(error: MillraceError): void {
    if (this.over) return;
    this.events.failed(error);
    this.end();
  }

  private finishLater(error: MillraceError): void {
    this.ending ??= systemRuntime.setTimer(() => {
      void this.finish(error);
    }, this.options.linger);
  }

  private async finish(error: MillraceError): Promise<void> {
    if (this.over) return;
    this.over = true;
    this.begun();
    this.unwatch?.();
    this.starting?.();
    systemRuntime.clearTimer(this.ending);
    this.options.links.onEmpty = undefined;
    this.worker?.terminate();
    await this.quiet();
    this.control.onmessage = null;
    this.control.onmessageerror = null;
    this.control.close();
    this.events.gone(this.farewell ? closedItself(this.options.id) : error);
  }

  /** What it had posted before its end may still be under way. */
  private async quiet(): Promise<void> {
    const { links } = this.options;
    // Nothing was under way yet, or everything has come.
    if (!this.alive || (this.farewell && links.size === 0)) return;
    await links.quiet();
  }
}

function madeBy(factory: () => object): Worker {
  const worker = factory() as Partial<Worker> | undefined;
  if (typeof worker?.terminate !== 'function') throw new TypeError('it did not return a Worker');
  return worker as Worker;
}
