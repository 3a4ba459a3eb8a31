import type { MillraceError } from '../../errors/error.js';
import { hasCode } from '../../errors/error.js';
import { fix } from '../../channels/values/fix.js';
import type { ConsumerEndpoint } from '../../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../../queues/producer-endpoint.js';
import type { ToOffice, ToPeer } from '../frames.js';

/** How many frames are heard at a time. */
const PORTION = 256;

export interface Ends {
  readonly up: ProducerEndpoint<ToOffice>;
  readonly down: ConsumerEndpoint<ToPeer>;
  /** The queues copy what is put. */
  readonly clones: boolean;
}

/** Who hears what the office says. */
export interface Listener {
  heard(frame: ToPeer): void;
  /** No more will come. Without an error the office has said so itself. */
  over(error: MillraceError | undefined): void;
}

/** A peer's two queues: frames to the post office, and frames from it, which are heard as long as the peer is open. */
export class Wire {
  /** Why nothing can be put any more. */
  gone: MillraceError | undefined;
  /** Frames are being heard now, and some of them lie here only. */
  busy = false;
  private readonly ends: Ends;
  private readonly listener: Listener;
  private hearing: AsyncIterator<ToPeer[], undefined> | undefined;

  constructor(ends: Ends, listener: Listener) {
    this.ends = ends;
    this.listener = listener;
  }

  /** Puts a frame, and fails as putting does; undefined when it was put at once. */
  put(frame: ToOffice): Promise<void> | undefined {
    if (this.gone !== undefined) throw this.gone;
    try {
      const put = this.ends.up.put(frame);
      return typeof put === 'string' ? undefined : put.then(() => undefined);
    } catch (error) {
      // Judged again without what is around it, so that the path is one within the data.
      if (hasCode(error, 'VALUE_NOT_CLONEABLE')) this.fix(frame);
      throw error;
    }
  }

  /** For frames that nobody waits for: what the office does not hear when a link is gone, it learns from that. */
  post(frame: ToOffice): void {
    try {
      this.put(frame)?.catch(() => undefined);
    } catch {
      // Likewise.
    }
  }

  /** What cannot be put yet is fixed and judged now, as by putting it. */
  fix(frame: ToOffice): ToOffice {
    if (!this.ends.clones) return frame;
    return frame.map((part) =>
      typeof part === 'object' && part !== null && 'data' in part ? { ...part, data: fix(part.data, 'data') } : part,
    ) as unknown as ToOffice;
  }

  async hear(): Promise<void> {
    const { ends, listener } = this;
    const hearing = ends.down.batches({ max: PORTION });
    this.hearing = hearing;
    try {
      for (;;) {
        const { done, value } = await hearing.next();
        // It rests, or was closed: what had come for it went back.
        if (this.hearing !== hearing) return;
        if (done === true) break;
        ends.down.ack();
        this.busy = true;
        for (const frame of value) listener.heard(frame);
        this.busy = false;
      }
      listener.over(undefined);
    } catch (error) {
      if (this.hearing === hearing) listener.over(error as MillraceError);
    }
  }

  /** Stops hearing; what had come and was not heard goes back to its queue, in order. */
  rest(): void {
    const { hearing } = this;
    this.hearing = undefined;
    hearing?.return?.().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.rest();
    await Promise.allSettled([this.ends.up.close(), this.ends.down.close()]);
  }
}
