import type { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkWait, watch, type WaitOptions } from '../../queues/waits.js';
import type { Own, ToOffice } from '../frames.js';
import type { Wire } from './wire.js';

interface Asked {
  resolve(empty: boolean): void;
  reject(error: unknown): void;
}

/** What a peer has asked the office, and waits to hear. */
export class Questions {
  private readonly open = new Map<Own, Asked>();
  private readonly wire: Wire;
  private readonly runtime: Runtime;
  private asked: Own;

  constructor(wire: Wire, runtime: Runtime, asked: Own) {
    this.wire = wire;
    this.runtime = runtime;
    this.asked = asked;
  }

  get idle(): boolean {
    return this.open.size === 0;
  }

  get state(): Own {
    return this.asked;
  }

  async ask(what: string, wait: WaitOptions, frame: (question: Own) => ToOffice): Promise<boolean> {
    checkWait(what, wait);
    const question = ++this.asked;
    let unwatch: (() => void) | undefined;
    const answer = new Promise<boolean>((resolve, reject) => {
      this.open.set(question, { resolve, reject });
      unwatch = watch(this.runtime, what, wait, reject);
    });
    // Whoever asked hears of it by what he awaits first.
    answer.catch(() => undefined);
    try {
      await this.wire.put(frame(question));
      return await answer;
    } finally {
      this.open.delete(question);
      unwatch?.();
    }
  }

  answered(question: Own, empty: boolean, error: MillraceError | undefined): void {
    const asked = this.open.get(question);
    if (error === undefined) asked?.resolve(empty);
    else asked?.reject(error);
  }

  failAll(error: MillraceError): void {
    for (const asked of this.open.values()) asked.reject(error);
  }
}
