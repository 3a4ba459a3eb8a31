import type { ConsumerBackend, Departure, EndpointToken, ProducerBackend, Taken, Taker } from '../transport/backend.js';

/** Passes everything on. What it does in between is up to its subclasses; an endpoint that is handed over leaves without it. */
export class ConsumerRelay implements ConsumerBackend {
  readonly depart?: (via: Departure) => EndpointToken;
  readonly checkDepart?: (via: Departure) => void;
  protected readonly inner: ConsumerBackend;

  constructor(inner: ConsumerBackend) {
    this.inner = inner;
    if (inner.depart === undefined) return;
    this.depart = (via) => inner.depart!(via);
    this.checkDepart = (via) => {
      inner.checkDepart?.(via);
    };
  }

  get id(): string {
    return this.inner.id;
  }

  get onTake(): boolean {
    return this.inner.onTake;
  }

  take(holds?: boolean): Taken | undefined {
    return this.inner.take(holds);
  }

  tryTake(holds?: boolean, most?: number): Taken | undefined | Promise<Taken | undefined> {
    return this.inner.tryTake(holds, most);
  }

  handOut(taken: Taken): void {
    this.inner.handOut(taken);
  }

  ended(held: number): boolean {
    return this.inner.ended(held);
  }

  drained(): boolean {
    return this.inner.drained();
  }

  park(taker: Taker): void {
    this.inner.park(taker);
  }

  unpark(taker: Taker): void {
    this.inner.unpark(taker);
  }

  ack(taken: Taken): void {
    this.inner.ack(taken);
  }

  giveBack(taken: Taken, begun: boolean, error?: unknown): void {
    this.inner.giveBack(taken, begun, error);
  }

  reject(taken: Taken, error?: unknown): void {
    this.inner.reject(taken, error);
  }

  outdated(taken: Taken): boolean {
    return this.inner.outdated?.(taken) === true;
  }

  flush(): Promise<void> | undefined {
    return this.inner.flush();
  }

  loop(): ProducerBackend {
    return this.inner.loop();
  }

  close(): Promise<void> | undefined {
    return this.inner.close();
  }
}
