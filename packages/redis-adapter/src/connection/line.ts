import type { Wire } from './wire.js';

/** Ms between the first two tries, and between the last ones. */
const FIRST_PAUSE = 50;
const LAST_PAUSE = 1000;
/** After so many wires that were up and broke at once, the pauses before the next one grow no longer. */
const MOST_BRIEF = 2;

/** Grows up to {@link LAST_PAUSE}, and differs between clients, so that they do not all come at once. */
export function backoff(attempt: number): number {
  return Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/** Resolves after so many ms, or as soon as the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

export interface LineHooks {
  /** Opens a wire and makes it ready for use; leaves nothing behind when it rejects. */
  open(signal: AbortSignal, onDown: (error: Error) => void): Promise<Wire>;
  /** How long one try may take, in ms. */
  limit(): number;
  onUp(): void;
  onDown(error: Error): void;
  /** One try failed; another follows. */
  onFailed(error: unknown, timedOut: boolean): void;
}

/** A wire that is opened again whenever it breaks, until it is stopped. */
export class Line {
  readonly #hooks: LineHooks;
  #wire: Wire | undefined;
  #try: AbortController | undefined;
  #stopped = false;
  #upSince = 0;
  /** How many wires in a row broke as soon as they were up. */
  #brief = 0;

  constructor(hooks: LineHooks) {
    this.#hooks = hooks;
    void this.#connect();
  }

  /** The wire, while it is whole. */
  get wire(): Wire | undefined {
    return this.#wire;
  }

  /** Drops the wire, and the try under way, and opens another one at once. */
  reset(error: Error): void {
    if (this.#stopped) return;
    if (this.#wire !== undefined) this.#broke(error);
    else this.#try?.abort(AGAIN);
  }

  /** A command found out that a wire has broken: a library may tell that before it tells the wire's end. */
  broke(wire: Wire, error: Error): void {
    if (this.#wire === wire) this.#broke(error);
  }

  stop(): void {
    this.#stopped = true;
    this.#try?.abort(AGAIN);
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.drop();
  }

  #broke(error: Error): void {
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.drop();
    this.#brief = performance.now() - this.#upSince < LAST_PAUSE ? this.#brief + 1 : 0;
    this.#hooks.onDown(error);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    if (this.#brief > 0) {
      this.#try = new AbortController();
      // The server had greeted each of them, so that a little patience will do.
      await pause(backoff(Math.min(this.#brief, MOST_BRIEF) - 1), this.#try.signal);
    }
    for (let attempt = 0; !this.#isStopped(); attempt++) {
      const controller = (this.#try = new AbortController());
      const timer = setTimeout(() => controller.abort(TOO_LONG), this.#hooks.limit());
      let early: Error | undefined;
      let up = false;
      try {
        const wire = await this.#hooks.open(controller.signal, (error) => {
          if (up) this.#broke(error);
          else early = error;
        });
        if (early !== undefined || controller.signal.aborted) {
          wire.drop();
          throw early ?? controller.signal.reason;
        }
        up = true;
        this.#wire = wire;
        this.#upSince = performance.now();
        this.#hooks.onUp();
        return;
      } catch (error) {
        clearTimeout(timer);
        if (this.#isStopped()) return;
        if (controller.signal.reason === AGAIN) {
          attempt = -1;
          continue;
        }
        this.#hooks.onFailed(error, controller.signal.reason === TOO_LONG);
        const waiting = (this.#try = new AbortController());
        await pause(backoff(attempt), waiting.signal);
        if (waiting.signal.aborted) attempt = -1;
      } finally {
        clearTimeout(timer);
      }
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}

const AGAIN = Symbol('again');
const TOO_LONG = Symbol('too long');
