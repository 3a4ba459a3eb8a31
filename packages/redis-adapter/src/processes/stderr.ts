import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** Enough for what V8 says when it gives up. */
const TAIL = 8192;
/** After a process has ended, what it wrote is read in the next turn or two. */
const TURNS = 3;

/** Passes on what a process writes to its stderr, and keeps the end of it: nothing else tells why V8 gave up. */
export class Stderr {
  private readonly stream: Socket;
  private tail = '';

  constructor(stream: Socket) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      this.tail = (this.tail + chunk.toString('latin1')).slice(-TAIL);
    });
    stream.on('error', () => undefined);
  }

  /** What it wrote last, once it has ended. */
  async end(): Promise<string> {
    for (let turn = 0; turn < TURNS && !this.stream.closed; turn++) await setImmediate();
    // A process that it had started may have it still; that holds nobody up.
    this.stream.unref();
    return this.tail;
  }
}
