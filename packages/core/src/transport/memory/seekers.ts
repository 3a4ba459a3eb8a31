import { Line } from '../line.js';
import type { Home } from './home.js';
import type { RoomSeeker } from './registered.js';

/** The endpoints whose puts wait for room, each of which gets some in its turn. */
export class Seekers {
  private readonly home: Home;
  private readonly line = new Line<RoomSeeker>();
  private waited = 0;

  constructor(home: Home) {
    this.home = home;
  }

  get any(): boolean {
    return this.line.head !== undefined;
  }

  /** How long they have waited, summed over all, in ms. */
  waitedMs(): number {
    let waited = this.waited;
    const now = this.any ? this.home.runtime.now() : 0;
    for (const seeker of this.line) waited += now - seeker.since;
    return waited;
  }

  join(seeker: RoomSeeker): void {
    if (!seeker.inLine) {
      seeker.since = this.home.runtime.now();
      this.line.join(seeker);
    }
    this.serve();
  }

  leave(seeker: RoomSeeker): void {
    if (this.line.leave(seeker)) this.waited += this.home.runtime.now() - seeker.since;
    this.serve();
  }

  /** Gives room to those who have something to send, in turns. */
  serve(): void {
    const { home, line } = this;
    let seeker: RoomSeeker | undefined;
    while ((seeker = line.head) !== undefined) {
      const { room } = home;
      if (!home.accepting) {
        // Whoever waits here is refused.
        line.leave(seeker);
        seeker.grant(seeker.wants);
        this.waited += home.runtime.now() - seeker.since;
        continue;
      }
      if (room <= 0) {
        if (home.reserved > 0) home.far?.recallRoom();
        break;
      }
      const share = Math.max(1, Math.floor(room / line.length));
      line.leave(seeker);
      if (seeker.wants > 0) seeker.grant(Math.min(seeker.wants, share));
      if (seeker.wants > 0) line.join(seeker);
      else this.waited += home.runtime.now() - seeker.since;
    }
  }

  /** Whether there is room once far producers have returned what they do not use; undefined when surely not. */
  roomForSure(): Promise<boolean> | undefined {
    const { home } = this;
    if (home.reserved === 0 || home.far === undefined) return undefined;
    return home.far.roomRecalled().then(() => home.room > 0);
  }
}
