import type { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, Departure, EndpointToken, ProducerBackend, Taken, Taker } from '../transport/backend.js';
import { type InLine, Line } from '../transport/line.js';
import { endpointBusy, endpointClosed } from '../transport/memory/home-producer.js';
import type { Contract, Verdict } from './contract.js';

/** An item whose value its schema has made another of. */
class Changed implements Taken {
  readonly value: unknown;
  readonly original: Taken;

  constructor(value: unknown, original: Taken) {
    this.value = value;
    this.original = original;
  }

  get attempt(): number {
    return this.original.attempt;
  }

  get moved(): boolean {
    return this.original.moved;
  }
}

function originalOf(taken: Taken): Taken {
  return taken instanceof Changed ? taken.original : taken;
}

interface Checking {
  readonly taken: Taken;
  readonly verdict: Verdict | Promise<Verdict>;
}

/**
 * Where items are checked before anybody sees them: what does not match the schema becomes a dead letter, and the next item
 * comes in its place. Checks that take time run side by side for as many items as a batch can use, and no item is kept from
 * others that nobody here waits for.
 */
export class CheckedConsumer implements ConsumerBackend {
  readonly depart?: (via: Departure) => EndpointToken;
  readonly checkDepart?: (via: Departure) => void;
  private readonly inner: ConsumerBackend;
  private readonly contract: Contract | undefined;
  private readonly loopContract: Contract | undefined;
  private looping: ProducerBackend | undefined;
  /** Whoever waits here, in order. */
  private readonly line = new Line<Taker>();
  private readonly seats = new Map<Taker, Seat>();
  /** Being checked, for whoever waits next in this turn. */
  private checking: Checking | undefined;
  /** All that is being checked. */
  private readonly unknown = new Set<Taken>();
  /** Checked, for whoever is being served now. */
  private ready: Taken[] | undefined;
}
