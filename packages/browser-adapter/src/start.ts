import type { Departure, StartOptions, WorkerHandle, WorkerRef } from '@millrace/core';
import { runElsewhere, systemRuntime } from '@millrace/core/channels';
import { noFactory } from './errors.js';
import { Links } from './port-link.js';
import { WebWorkerVessel } from './vessel.js';

export interface WorkerSettings {
  readonly linger: number;
  readonly startTimeout: number;
}

/** Who wants to know of the workers that endpoints leave for. */
export interface Departures {
  began(via: Departure): void;
  /** The worker is gone. */
  ended(via: Departure): void;
}

/** Starts a worker in a Web Worker of its own. */
export function startWorker(
  id: string,
  worker: WorkerRef,
  args: unknown,
  start: StartOptions,
  settings: WorkerSettings,
  departures?: Departures,
): WorkerHandle<unknown> {
  const { factory, url = 'the module it serves' } = worker;
  if (factory === undefined) throw noFactory(id);
  const links = new Links();
  const via = { worker: id, local: false, open: () => links.open() };
  departures?.began(via);
  const lost = (): void => {
    links.lose();
    departures?.ended(via);
  };
  return runElsewhere(
    {
      id,
      worker,
      place: url,
      args,
      start,
      runtime: systemRuntime,
      via,
      lost,
      linger: settings.linger,
    },
    (data, transfer, events) =>
      new WebWorkerVessel({ id, factory, links, ...settings }, data, transfer, events),
  );
}
