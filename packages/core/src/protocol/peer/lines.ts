import type { MillraceError } from '../../errors/error.js';
import type { Runtime } from '../../runtime/runtime.js';
import { checkWait, watch, type WaitOptions } from '../../queues/waits.js';
import { type InLine, Line } from '../../transport/line.js';
import { ALL, ANYONE, TO_OFFICE, type ToOffice } from '../frames.js';
import type { Wire } from './wire.js';

/** A send that waits for room in its line. */
class Waiter implements InLine<Waiter> {
  before: Waiter | undefined;
  after: Waiter | undefined;
  inLine = false;
  readonly frame: ToOffice;
  readonly resolve: (sent: void | Promise<void>) => void;
  readonly reject: (error: unknown) => void;
  unwatch: (() => void) | undefined;

  constructor(frame: ToOffice, resolve: (sent: void | Promise<void>) => void, reject: (error: unknown) => void) {
    this.frame = frame;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Where mail to one recipient goes: it bounds how much of it is under way, whatever goes on in other lines. */
class Outgoing {
  readonly waiters = new Line<Waiter>();
  open: boolean;
  /** How many more may be sent. */
  free: number;

  constructor(open: boolean, free: number) {
    this.open = open;
    this.free = free;
  }
}

/** A peer's lines to all that it writes to. The first mail to a name waits until the office says that there is such a peer. */
export class Lines {
  private readonly lines = new Map<string, Outgoing>();
  private readonly wire: Wire;
  private readonly runtime: Runtime;
  private readonly capacity: number;

  constructor(wire: Wire, runtime: Runtime, capacity: number, state: readonly (readonly [name: string, free: number])[]) {
    this.wire = wire;
    this.runtime = runtime;
    this.capacity = capacity;
    for (const name of [ANYONE, ALL]) this.lines.set(name, new Outgoing(true, capacity));
    for (const [name, free] of state) this.lines.set(name, new Outgoing(true, free));
  }

  get idle(): boolean {
    for (const line of this.lines.values()) if (line.waiters.length > 0) return false;
    return true;
  }

  get state(): [name: string, free: number][] {
    return [...this.lines].filter(([, { open }]) => open).map(([name, { free }]) => [name, free]);
  }

  /** Resolves when the frame is under way. Rejects with `ABORTED` and `TIMED_OUT` when surely nothing was sent. */
  async send(name: string, frame: ToOffice, options: WaitOptions): Promise<void> {
    checkWait('The send', options);
    const line = this.line(name);
    if (line.free > 0 && line.waiters.length === 0) {
      const sent = this.wire.put(frame);
      line.free--;
      await sent;
      return;
    }
    const fixed = this.wire.fix(frame);
    await new Promise<void>((resolve, reject) => {
      const waiter = new Waiter(fixed, resolve, reject);
      line.waiters.join(waiter);
      if (options.signal !== undefined || options.timeout !== undefined)
        waiter.unwatch = watch(this.runtime, 'The send', options, (error) => {
          line.waiters.leave(waiter);
          reject(error);
        });
    });
  }

  opened(name: string): void {
    const line = this.lines.get(name);
    if (line === undefined) return;
    line.open = true;
    line.free = this.capacity;
    this.serve(line);
  }

  gained(name: string, more: number): void {
    const line = this.lines.get(name);
    if (line?.open !== true) return;
    line.free += more;
    this.serve(line);
  }

  /** There is no such peer, or no more. */
  fail(name: string, error: MillraceError): void {
    const line = this.lines.get(name);
    if (line === undefined) return;
    this.lines.delete(name);
    failAll(line, error);
  }

  failAll(error: MillraceError): void {
    for (const line of this.lines.values()) failAll(line, error);
  }

  private line(name: string): Outgoing {
    let line = this.lines.get(name);
    if (line === undefined) {
      line = new Outgoing(false, 0);
      this.lines.set(name, line);
      this.wire.post([TO_OFFICE.OPEN, name]);
    }
    return line;
  }

  private serve(line: Outgoing): void {
    let waiter: Waiter | undefined;
    while (line.free > 0 && (waiter = line.waiters.shift()) !== undefined) {
      waiter.unwatch?.();
      try {
        const sent = this.wire.put(waiter.frame);
        line.free--;
        waiter.resolve(sent);
      } catch (error) {
        waiter.reject(error);
      }
    }
  }
}

function failAll(line: Outgoing, error: MillraceError): void {
  let waiter: Waiter | undefined;
  while ((waiter = line.waiters.shift()) !== undefined) {
    waiter.unwatch?.();
    waiter.reject(error);
  }
}
