import { fixHeaders } from '../queues/headers.js';
import type { Departure, EndpointToken, ItemHeaders, ProducerBackend, PutAnswer, PutMeta, Putter } from '../transport/backend.js';
import type { Propagation } from './propagation.js';

/** Where the context of now is written into the headers of what is put. An endpoint that is handed over leaves without it. */
export class TracedProducer implements ProducerBackend {
  readonly depart?: (via: Departure) => EndpointToken;
  readonly checkDepart?: (via: Departure) => void;
  private readonly inner: ProducerBackend;
  private readonly propagation: Propagation;

  constructor(inner: ProducerBackend, propagation: Propagation) {
    this.inner = inner;
    this.propagation = propagation;
    if (inner.depart === undefined) return;
    this.depart = (via) => inner.depart!(via);
    this.checkDepart = (via) => {
      inner.checkDepart?.(via);
    };
  }

  get id(): string {
    return this.inner.id;
  }

  /** Headers go with a putter only. */
  offer(): 'full' {
    return 'full';
  }

  tryOffer(value: unknown, meta: PutMeta | undefined, still?: () => boolean): PutAnswer | 'full' | Promise<PutAnswer | 'full'> {
    return this.inner.tryOffer(value, this.traced(meta), still);
  }

  park(putter: Putter): void {
    if (!putter.roomOnly) putter.meta = this.traced(putter.meta);
    this.inner.park(putter);
  }

  unpark(putter: Putter): void {
    this.inner.unpark(putter);
  }

  flush(): Promise<void> | undefined {
    return this.inner.flush();
  }

  close(): Promise<void> | undefined {
    return this.inner.close();
  }

  private traced(meta: PutMeta | undefined): PutMeta | undefined {
    const headers: Record<string, string> = { ...meta?.headers };
    let fixed: ItemHeaders | undefined;
    try {
      this.propagation.inject(headers);
      fixed = fixHeaders(headers);
    } catch (error) {
      // As of an event's listener: it harms no item, and is not silent.
      void Promise.reject(error);
      return meta;
    }
    return fixed === undefined ? meta : { ...meta, headers: fixed };
  }
}
