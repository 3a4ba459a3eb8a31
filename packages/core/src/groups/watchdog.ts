import { patience } from '../runtime/patience.js';
import type { Runtime } from '../runtime/runtime.js';
import type { GroupEvents } from './group.js';
import type { Instance } from './instance.js';

type Emit = <K extends 'unresponsive' | 'responsive'>(type: K, event: GroupEvents[K]) => void;

/** Asks workers for a sign of life, each at its own rhythm, and tells when one owes it. */
export class Watchdog {
  private readonly runtime: Runtime;
  private readonly period: number;
  private readonly emit: Emit;
  private asked = 0;

  constructor(runtime: Runtime, period: number, emit: Emit) {
    this.runtime = runtime;
    this.period = period;
    this.emit = emit;
  }

  /** Asks, and looks after the answer until the worker is gone. */
  watch(instance: Instance): void {
    const { runtime, period } = this;
    const { handle } = instance;
    const asked = { id: ++this.asked, at: runtime.now(), told: false };
    instance.asked = asked;
    instance.tell({ kind: 'ping', id: asked.id });
    const look = (): void => {
      if (instance.handle !== handle || instance.state === 'stopped') return;
      if (instance.asked !== asked) {
        this.watch(instance);
        return;
      }
      // A platform's timer may be a fraction of a millisecond early.
      const left = period - (runtime.now() - asked.at);
      if (left > 0) {
        instance.unwatch = patience(runtime, left, look);
        return;
      }
      if (!asked.told) this.tell('unresponsive', instance, asked.at);
      asked.told = true;
      instance.unwatch = patience(runtime, period, look);
    };
    instance.unwatch = patience(runtime, period, look);
  }

  answered(instance: Instance, id: number): void {
    const { asked } = instance;
    if (asked?.id !== id) return;
    instance.asked = undefined;
    if (asked.told) this.tell('responsive', instance, asked.at);
  }

  private tell(type: 'unresponsive' | 'responsive', { id, index }: Instance, since: number): void {
    this.emit(type, { worker: id, instance: index, ms: this.runtime.now() - since });
  }
}
