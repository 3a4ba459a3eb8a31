import type { GateBackend } from '../backend.js';
import type { Home } from './home.js';

/** Whether a queue takes items. Closed at first, so that nothing comes before somebody is there for it. */
export class Gate implements GateBackend {
  ready = false;
  private readonly home: Home;

  constructor(home: Home) {
    this.home = home;
  }

  setReady(): Promise<void> | undefined {
    return this.turn(true);
  }

  refuse(): Promise<void> | undefined {
    return this.turn(false);
  }

  setNotReady(): number | Promise<number> {
    this.check();
    const was = this.ready;
    this.ready = false;
    // Puts that wait here are answered behind the discarding, and far ones as they hear of the new epoch.
    const discarded = this.home.clear();
    if (was) this.tell();
    return discarded;
  }

  private turn(ready: boolean): Promise<void> | undefined {
    this.check();
    if (this.ready === ready) return this.home.far?.gateMoved();
    this.ready = ready;
    this.home.seekers.serve();
    const told = this.home.far?.gateMoved();
    this.tell();
    return told;
  }

  private tell(): void {
    this.home.events.emit('ready', { queue: this.home.spec.name, ready: this.ready });
  }

  private check(): void {
    if (this.home.disposed !== undefined) throw this.home.disposed;
  }
}
