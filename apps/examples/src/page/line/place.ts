import { hasCode, type WorkerHandle } from '@millrace/core';

import type { Tuning } from './item.js';

export type Role = 'producer' | 'consumer';

/** What a worker can be seen to do. `off`: it has left for good. */
export type PlaceState = 'starting' | 'working' | 'crashed' | 'off';

/** How long a crash can be seen before the worker is started again. */
const RESTART_MS = 1200;

/** A place in the line: it outlives its worker, which is started again when it crashes. */
export class Place {
  readonly role: Role;
  /** From 0 up, among those of its role. */
  readonly index: number;
  state: PlaceState = 'starting';
  /** How often its worker was started. */
  turn = 0;
  private readonly start: (place: Place) => WorkerHandle<unknown>;
  private readonly changed: (place: Place) => void;
  private worker: WorkerHandle<unknown> | undefined;
  private restart: ReturnType<typeof setTimeout> | undefined;
  private left = false;

  constructor(
    role: Role,
    index: number,
    start: (place: Place) => WorkerHandle<unknown>,
    changed: (place: Place) => void,
  ) {
    this.role = role;
    this.index = index;
    this.start = start;
    this.changed = changed;
    this.fill();
  }

  /** Ends its worker now, whatever that is doing; answers false if there is none to end. */
  crash(): boolean {
    if (this.worker === undefined || this.state !== 'working') return false;
    this.set('crashed');
    void this.worker.terminate();
    return true;
  }

  tune(tuning: Tuning): void {
    this.worker?.channel.post(tuning);
  }

  /** Lets its worker finish what it has in hand, and go. */
  leave(): void {
    this.left = true;
    clearTimeout(this.restart);
    this.worker?.stop();
    this.set('off');
  }

  private fill(): void {
    this.turn++;
    this.set('starting');
    const worker = this.start(this);
    this.worker = worker;
    worker.started().then(
      () => {
        if (this.worker === worker && this.state === 'starting') this.set('working');
      },
      () => undefined,
    );
    void worker.exit.then((exit) => {
      this.worker = undefined;
      if (this.left) return;
      this.set('crashed');
      // It was not the page that has ended it.
      if (exit.status === 'failed' && !hasCode(exit.error, 'WORKER_TERMINATED'))
        console.error(exit.error);
      this.restart = setTimeout(() => {
        this.fill();
      }, RESTART_MS);
    });
  }

  private set(state: PlaceState): void {
    this.state = state;
    this.changed(this);
  }
}
