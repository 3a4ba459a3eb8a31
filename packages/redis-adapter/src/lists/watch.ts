import type { Connection } from '../connection/index.js';
import { pause } from '../connection/line.js';
import type { PlainList } from './list.js';

/** What the home says is to be watched. */
const PUSHES = 1;
const POPS = 2;
const POPS_BESIDE_OURS = 3;

/** How long one look for an entry blocks, in s. */
const LOOK = '20';
/** How long until the next look for room, in ms: doubled as long as nothing happens. */
const SOONEST = 20;
const LATEST = 2000;
/** After a look that failed, in ms. */
const PAUSE = 500;

export interface WatchHost {
  readonly connection: Connection;
  readonly list: PlainList;
  /** Whether an endpoint here takes items. */
  takes(): boolean;
  /** Has the home look at the list, and serve whoever can be served. */
  tend(): Promise<void>;
}

/**
 * Notices what programs that know nothing of this queue do to its list. That something was pushed, the server tells: a
 * command that blocks until there is an entry, and leaves it where it is. That something was popped, nobody tells, and it is looked
 * for from time to time, only while somebody waits for it.
 */
export class ListWatch {
  private readonly host: WatchHost;
  private readonly end = new AbortController();
  private state = 0;
  private depth = 0;
  private looking = false;
  private timer: NodeJS.Timeout | undefined;
  private delay = SOONEST;

  constructor(host: WatchHost) {
    this.host = host;
  }

  /** How things stood at the last turn. */
  follow(state: number, depth: number): void {
    if (this.end.signal.aborted) return;
    const moved = depth !== this.depth || state !== this.state;
    this.state = state;
    this.depth = depth;
    if (!this.looking && this.wanted()) void this.lookForEntries();
    if (state !== POPS && state !== POPS_BESIDE_OURS) this.stopTimer();
    else if (moved || this.timer === undefined) {
      if (moved) this.delay = state === POPS ? SOONEST : LATEST;
      this.lookForRoom();
    }
  }

  private async lookForEntries(): Promise<void> {
    const { connection, list } = this.host;
    const { signal } = this.end;
    const side = list.push === 'left' ? 'RIGHT' : 'LEFT';
    this.looking = true;
    while (this.wanted()) {
      try {
        // From the list to the very place where it was.
        const entry = await connection.blocking(list.key, ['BLMOVE', list.key, list.key, side, side, LOOK], signal);
        if (entry !== null && this.wanted()) await this.host.tend();
      } catch {
        // The connection says by itself what is wrong with it, and the next turn what is wrong with the list.
        await pause(PAUSE, signal);
      }
    }
    this.looking = false;
  }

  /** Somebody here waits for an entry. */
  private wanted(): boolean {
    return this.state === PUSHES && !this.end.signal.aborted && this.host.takes();
  }

  private lookForRoom(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.delay = Math.min(LATEST, this.delay * 2);
      this.host.tend().catch(() => {
        // The next turn that arrives says how things stand.
        if (this.state !== 0 && !this.end.signal.aborted) this.lookForRoom();
      });
    }, this.delay);
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.delay = SOONEST;
  }

  close(): void {
    this.stopTimer();
    this.end.abort();
  }
}
