// One direction of one connection: what one socket reads, the other writes, whole and in order, later if so
// wished.

import type { Socket } from 'node:net';

/** How bytes are held up now. Shared by the flows of one direction; each asks when a chunk arrives. */
export interface Weather {
  /** No byte passes. */
  stalled: boolean;
  /** ms that the next chunk is held, decided anew for each. */
  lag(): number;
}

interface Chunk {
  /** Undefined is the end of the stream, which has its place in the order too. */
  readonly bytes: Buffer | undefined;
  readonly due: number;
}

/** No more is held than this; then the sender is made to wait, as a network does. */
const MOST_HELD = 1 << 20;

export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: Weather;
  readonly #held: Chunk[] = [];
  #bytesHeld = 0;
  #lastDue = 0;
  #timer: NodeJS.Timeout | undefined;
  #cutOff = false;
  #ended = false;

  constructor(from: Socket, to: Socket, weather: Weather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on('data', (bytes) => this.#take(Buffer.from(bytes)));
    from.on('end', () => this.#take(undefined));
    to.on('drain', () => this.pump());
    this.pump();
  }

  /** The other side sees the end now; what comes from here later is lost. */
  halfClose(): void {
    if (this.#ended) return;
    this.#cutOff = true;
    this.#held.length = 0;
    this.#bytesHeld = 0;
    this.#end();
  }

  /** To be called when the weather has changed. */
  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#weather.stalled && !this.#cutOff) {
      this.#from.pause();
      return;
    }
    while (this.#held.length > 0 && !this.#to.writableNeedDrain && !this.#ended) {
      const { bytes, due } = this.#held[0]!;
      const early = due - performance.now();
      if (early > 0) {
        // Timers fire up to a millisecond early.
        this.#timer = setTimeout(() => this.pump(), Math.ceil(early));
        break;
      }
      this.#held.shift();
      if (bytes === undefined) {
        this.#end();
      } else {
        this.#bytesHeld -= bytes.length;
        this.#to.write(bytes);
      }
    }
    if (this.#bytesHeld < MOST_HELD && !this.#to.writableNeedDrain) this.#from.resume();
    else this.#from.pause();
  }

  /** The connection is over. */
  stop(): void {
    this.#ended = true;
    this.#held.length = 0;
    clearTimeout(this.#timer);
  }

  #take(bytes: Buffer | undefined): void {
    if (this.#cutOff || this.#ended) return;
    // Never before the one in front of it, however the lag varies.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#weather.lag());
    this.#held.push({ bytes, due: this.#lastDue });
    this.#bytesHeld += bytes?.length ?? 0;
    this.pump();
  }

  #end(): void {
    this.#ended = true;
    this.#to.end();
  }
}
