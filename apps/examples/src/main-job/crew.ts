import { hasCode, type WorkerHandle } from '@millrace/core';

/** The workers that are at work now, and what is done to them while they are. */
export class Crew {
  /** How many workers were killed. */
  killed = 0;
  private readonly live = new Set<WorkerHandle<unknown>>();
  private readonly condemned = new WeakSet<WorkerHandle<unknown>>();
  /** Places that are to be filled. */
  private places = 0;
  private stopping = false;

  /**
   * Keeps one place filled: starts a worker, and another one whenever the last was killed, as long as
   * it is needed. Resolves when its work is done, and throws if a worker fails by itself.
   */
  async fill(start: (turn: number) => WorkerHandle<unknown>, needed: () => Promise<boolean>): Promise<void> {
    this.places++;
    try {
      for (let turn = 1; turn === 1 || (await needed()); turn++) {
        const worker = start(turn);
        this.live.add(worker);
        if (this.stopping) worker.stop();
        const exit = await worker.exit;
        this.live.delete(worker);
        if (exit.status === 'finished') return;
        if (!this.condemned.has(worker) || !hasCode(exit.error, 'WORKER_TERMINATED'))
          throw exit.error;
        this.killed++;
      }
    } finally {
      this.places--;
    }
  }

  /** How many workers are at work: started, and not yet gone. */
  get atWork(): number {
    return [...this.live].filter((worker) => worker.state === 'started').length;
  }

  /**
   * Kills a random worker that is at work, unless half of them are not: to start one takes time, and where they die faster than
   * they start nobody gets to work.
   */
  killOne(): void {
    const targets = [...this.live].filter(
      (worker) => worker.state === 'started' && !this.condemned.has(worker),
    );
    if (targets.length * 2 <= this.places) return;
    const victim = targets[Math.floor(Math.random() * targets.length)];
    if (victim === undefined) return;
    this.condemned.add(victim);
    void victim.terminate();
  }

  /** Asks all workers, now and later, to stop. */
  stop(): void {
    this.stopping = true;
    for (const worker of this.live) worker.stop();
  }
}
