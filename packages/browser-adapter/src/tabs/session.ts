import type { Departure, MillraceError, Runtime } from '@millrace/core';
import {
  type Packed,
  patience,
  reviveError,
  systemRuntime,
  unpackErrors,
} from '@millrace/core/channels';
import { hold, lockName, whenFree } from '../lock.js';
import { Links } from '../port-link.js';
import { hostLost, hostNotMade, hostSilent, noLocks, frozen } from './errors.js';
import { type ToHost, type ToTab, VERSION } from './messages.js';
import { Requests } from './requests.js';
import type { TabQueue } from './tab-queue.js';

export interface SessionOptions {
  readonly name: string;
  readonly worker: () => SharedWorker;
  /** How long, in ms, the host may take to answer. */
  readonly startTimeout: number;
  readonly runtime: Runtime;
  readonly given: Given;
}

/** What each worker that runs was given, by how its endpoints left. */
export type Given = Map<Departure, [queue: number, id: string][]>;

/** A tab's dealings with the host of its shared queues. */
export class Session {
  /** Differs from every other tab's. */
  readonly id = Math.random().toString(36).slice(2, 10);
  readonly runtime: Runtime;
  readonly links = new Links();
  private readonly given: Given;
  private readonly control: MessagePort;
  private readonly queues = new Map<number, TabQueue>();
  private readonly requests = new Requests();
  private readonly ending = new AbortController();
  private readonly lock = lockName('tab');
  private letGo: (() => void) | undefined;
  private readonly starting: () => void;
  /** What is said before the tab's lock is held. */
  private early: { message: ToHost; transfer: Transferable[] }[] | undefined = [];
  private numbers = 0;
  /** The host has answered. */
  private welcome = false;
  private over: MillraceError | undefined;

  constructor({ name, worker, startTimeout, runtime, given }: SessionOptions) {
    this.runtime = runtime;
    this.given = given;
    const { host, port } = connect(worker);
    const { signal } = this.ending;
    host.addEventListener(
      'error',
      () => {
        // Later on, it is of some error in the host that nobody caught.
        if (!this.welcome)
          this.fail(hostNotMade("its file was not loaded: the browser's console says why"));
      },
      { signal },
    );
    this.control = port;
    port.onmessage = ({ data }: MessageEvent<ToTab>) => {
      this.hear(data);
    };
    // Frozen, it would answer nobody; and others have what it held by the time it goes on. Not every engine freezes what it
    // puts away with an event.
    const freezes = (): void => {
      void this.leave(frozen());
    };
    globalThis.addEventListener(
      'pagehide',
      ({ persisted }: PageTransitionEvent) => {
        if (persisted) freezes();
      },
      { signal },
    );
    globalThis.document.addEventListener('freeze', freezes, { signal });
    this.starting = patience(systemRuntime, startTimeout, () => {
      this.fail(hostSilent(startTimeout));
    });
    void this.begin(name);
  }

  /** The host has to be able to notice the tab's death before it hears of it. */
  private async begin(name: string): Promise<void> {
    this.letGo = await hold(this.lock, this.ending.signal);
    if (this.over !== undefined) {
      this.letGo?.();
      return;
    }
    if (this.letGo === undefined) {
      this.fail(noLocks());
      return;
    }
    const early = this.early ?? [];
    this.early = undefined;
    this.post({ kind: 'hello', version: VERSION, name, lock: this.lock });
    for (const { message, transfer } of early) this.post(message, transfer);
  }

  /** The session is no more, for this reason. */
  get gone(): MillraceError | undefined {
    return this.over;
  }

  add(queue: TabQueue): number {
    this.queues.set(++this.numbers, queue);
    return this.numbers;
  }

  remove(number: number): void {
    this.queues.delete(number);
  }

  post(message: ToHost, transfer: Transferable[] = []): void {
    if (this.over !== undefined) return;
    if (this.early !== undefined) this.early.push({ message, transfer });
    else this.control.postMessage(message, transfer);
  }

  ask<Answer>(question: (request: number) => ToHost): Promise<Answer> {
    if (this.over !== undefined) return Promise.reject(this.over);
    return this.requests.ask<Answer>((request) => {
      this.post(question(request));
    });
  }

  // --- workers ----------------------------------------------------------------------------------------------------

  /** Whether it is to one of this tab's workers. */
  starts(via: Departure): boolean {
    return this.given.has(via);
  }

  /** A worker is gone, with what it was given. */
  lose(ids: readonly (readonly [queue: number, id: string])[]): void {
    // Most of them have closed, and the host knows them no more.
    if (ids.length > 0) this.post({ kind: 'lost', ids });
  }

  give(via: Departure, queue: number, id: string): void {
    this.given.get(via)?.push([queue, id]);
    this.post({ kind: 'moved', queue, id, worker: via.worker });
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  /** Leaves; resolves when nothing of this tab is left at the host, if it has come to know it. */
  async close(error: MillraceError): Promise<void> {
    if (this.over !== undefined) return;
    await this.leave(error, this.welcome);
  }

  /** @param wait - hear of it before this side is closed. */
  private async leave(error: MillraceError, wait = false): Promise<void> {
    for (const queue of [...this.queues.values()]) queue.dispose(error);
    const left = this.ask((request) => ({ kind: 'leave', request })).catch(() => undefined);
    if (wait) await left;
    this.end(error);
  }

  /** The host cannot be reached, or is gone. */
  private fail(error: MillraceError): void {
    if (this.over !== undefined) return;
    const queues = [...this.queues.values()];
    this.end(error);
    for (const queue of queues) queue.lose(error);
  }

  private end(error: MillraceError): void {
    if (this.over !== undefined) return;
    this.over = error;
    this.early = undefined;
    this.starting();
    this.ending.abort();
    this.requests.failAll(error);
    this.links.close();
    this.control.onmessage = null;
    this.control.close();
    this.letGo?.();
  }

  // --- what comes -------------------------------------------------------------------------------------------------

  private hear(message: ToTab): void {
    switch (message.kind) {
      case 'welcome': {
        this.welcome = true;
        this.starting();
        const unwatch = whenFree(message.lock, () => {
          this.fail(hostLost());
        });
        this.ending.signal.addEventListener('abort', unwatch);
        return;
      }
      case 'refused':
        this.fail(errorOf(message.error));
        return;
      case 'answer':
        this.requests.answer(message.request, unpackErrors(message.answer));
        return;
      case 'failure':
        this.requests.fail(message.request, errorOf(message.error));
        return;
      case 'failed':
        this.queues.get(message.queue)?.lose(errorOf(message.error));
        return;
      default:
        this.queues.get(message.queue)?.hear(message);
    }
  }
}

function connect(factory: () => SharedWorker): { host: SharedWorker; port: MessagePort } {
  let host: SharedWorker;
  try {
    host = factory();
  } catch (error) {
    throw hostNotMade(`its factory threw: ${String(error)}`, error);
  }
  if (typeof (host as Partial<SharedWorker> | undefined)?.port?.postMessage !== 'function')
    throw hostNotMade('its factory returned no SharedWorker');
  return { host, port: host.port };
}

function errorOf(packed: Packed): MillraceError {
  return reviveError(unpackErrors(packed), (error) => hostNotMade(String(error), error));
}
