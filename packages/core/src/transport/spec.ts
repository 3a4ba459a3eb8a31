import { MillraceError } from '../errors/error.js';
import type { TransportManifest } from './manifest.js';

/** What a queue does with an item when it is full. */
export type Overflow = 'wait' | 'drop-oldest' | 'drop-newest';
/** When an item is settled: when its consumer is done with it, or as soon as it is taken. */
export type Acknowledge = 'on-done' | 'on-take';
/** When a put is answered: once it is accepted (and confirmed with its block), or once its home has it. */
export type Confirm = 'batch' | 'each';

/** What a user may ask of a queue; everything has a default. */
export interface QueueOptions {
  /** For messages, events and blockers. Default: `queue-` and a number. */
  readonly name?: string | undefined;
  /**
   * Where queues outlive a process and are found by their names: this one is nobody else's, whatever its name, and is gone with
   * the process that opened it; endpoints of it can still be handed to workers. Default: true for a queue without a name.
   */
  readonly exclusive?: boolean | undefined;
  /** Items accepted and not yet in hand, at the most: 1 or more, or Infinity. Default 1024. */
  readonly capacity?: number | undefined;
  /** Default `'wait'`. */
  readonly overflow?: Overflow | undefined;
  /** Default `'on-done'`: what a dead consumer had in hand is delivered again. */
  readonly acknowledge?: Acknowledge | undefined;
  /** Default: the transport's own. `'each'` makes every put wait until the item's home has it. */
  readonly confirm?: Confirm | undefined;
  /**
   * `'required'` refuses values with a transfer list, since a moved value cannot be delivered again.
   * Default `'best-effort'`.
   */
  readonly redelivery?: 'best-effort' | 'required' | undefined;
  /**
   * How often an item is delivered, at the most: one that was not acknowledged by then becomes a dead letter. Only
   * deliveries that surely reached user code count. 1 or more; default Infinity.
   */
  readonly maxDeliveries?: number | undefined;
  /** Dead letters kept, at the most; the oldest is dropped for a newer one. 1 or more, or Infinity. Default 1000. */
  readonly deadLetterCapacity?: number | undefined;
  /** Copy values during put even where the transport could pass references. Default: false. */
  readonly clone?: boolean | undefined;
  /** Remember where each endpoint was made, for `blockers()`. Costs a stack trace an endpoint. Default false. */
  readonly debug?: boolean | undefined;
}

/** A queue's options with every default filled in: what a transport is given. */
export type QueueSpec = { readonly [Option in keyof QueueOptions]-?: NonNullable<QueueOptions[Option]> } & {
  /** It takes items only while it is ready: a ReadyQueue. */
  readonly gate: boolean;
};

let unnamed = 0;

function oneOf<T>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new MillraceError('BAD_OPTION', `Queue option ${option} is ${show(value)}; it can be ${allowed.map(show).join(' or ')}.`, {
    option,
    value,
    allowed,
  });
}

function count(option: string, value: number, of: string): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new MillraceError('BAD_OPTION', `Queue option ${option} is ${show(value)}; it must be a whole number of ${of} from 1 up, or Infinity.`, {
    option,
    value,
  });
}

export function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Fills in defaults, refuses what cannot be, and refuses what this transport declares that it cannot. */
export function resolveSpec(options: QueueOptions, gate: boolean, transport: string, manifest: TransportManifest): QueueSpec {
  const spec: QueueSpec = {
    name: options.name ?? `queue-${++unnamed}`,
    exclusive: options.exclusive ?? options.name === undefined,
    capacity: count('capacity', options.capacity ?? 1024, 'items'),
    overflow: oneOf('overflow', options.overflow ?? 'wait', ['wait', 'drop-oldest', 'drop-newest']),
    acknowledge: oneOf('acknowledge', options.acknowledge ?? 'on-done', ['on-done', 'on-take']),
    confirm: oneOf('confirm', options.confirm ?? manifest.confirms, ['batch', 'each']),
    redelivery: oneOf('redelivery', options.redelivery ?? 'best-effort', ['best-effort', 'required']),
    maxDeliveries: count('maxDeliveries', options.maxDeliveries ?? Infinity, 'deliveries'),
    deadLetterCapacity: count('deadLetterCapacity', options.deadLetterCapacity ?? 1000, 'items'),
    clone: options.clone ?? false,
    debug: options.debug ?? false,
    gate,
  };
  const lacks = (option: keyof QueueSpec): never => {
    throw new MillraceError(
      'CAPABILITY_MISSING',
      `Transport ${transport} cannot open queue ${show(spec.name)} with ${option}: ${show(spec[option])}. Its manifest says what it can.`,
      { transport, option, value: spec[option] },
    );
  };
  if (gate && !manifest.gate) lacks('gate');
  if (!manifest.overflow.includes(spec.overflow)) lacks('overflow');
  if (!manifest.acknowledge.includes(spec.acknowledge)) lacks('acknowledge');
  return Object.freeze(spec);
}
