import type * as FastCheck from 'fast-check';
import type { Arbitrary } from 'fast-check';

/** Which one of several, whatever their number is then. */
type Pick = number;

/** What a user may do. Endpoints, iterations and deliveries are picked among those that there are when it is done. */
export type Command =
  | { readonly do: 'producer' | 'consumer' }
  | { readonly do: 'put'; readonly producer: Pick; readonly count: number; readonly cancel: Cancel }
  | {
      readonly do: 'putMany';
      readonly producer: Pick;
      readonly count: number;
      readonly cancel: Cancel;
    }
  | { readonly do: 'tryPut'; readonly producer: Pick }
  | { readonly do: 'when room'; readonly producer: Pick; readonly cancel: Cancel }
  | { readonly do: 'put in turn'; readonly producer: Pick; readonly count: number }
  | { readonly do: 'flush'; readonly producer: Pick }
  | { readonly do: 'get'; readonly consumer: Pick; readonly count: number; readonly cancel: Cancel }
  | { readonly do: 'tryGet'; readonly consumer: Pick }
  | {
      readonly do: 'takeMany';
      readonly consumer: Pick;
      readonly max: number;
      readonly within: number;
      readonly cancel: Cancel;
    }
  | { readonly do: 'iterate'; readonly consumer: Pick; readonly kind: IterationKind; readonly max: number; readonly within: number; readonly cancel: Cancel } // prettier-ignore
  | { readonly do: 'next' | 'leave' | 'drain'; readonly iteration: Pick }
  | { readonly do: 'loop'; readonly consumer: Pick; readonly count: number }
  | { readonly do: 'ack' | 'nack' | 'reject'; readonly delivery: Pick }
  | { readonly do: 'put back dead letters' }
  | { readonly do: 'put back'; readonly delivery: Pick; readonly cancel: Cancel }
  | { readonly do: 'try put back'; readonly delivery: Pick }
  | { readonly do: 'ack in hand'; readonly consumer: Pick }
  | { readonly do: 'abort'; readonly wait: Pick }
  | { readonly do: 'pass time'; readonly ms: number }
  | { readonly do: 'clear' | 'join' | 'close queue' | 'ready' | 'not ready' | 'refuse' }
  | { readonly do: 'close producer'; readonly producer: Pick }
  | { readonly do: 'close consumer'; readonly consumer: Pick }
  | { readonly do: 'slot'; readonly role: 'producer' | 'consumer' }
  | { readonly do: 'close slot'; readonly slot: Pick }
  | { readonly do: 'crash producer'; readonly producer: Pick }
  | { readonly do: 'crash consumer'; readonly consumer: Pick };

export type IterationKind = 'items' | 'deliveries' | 'take' | 'batches' | 'delivery batches';

/** Whether a wait can be cancelled: by its signal, or by time. */
export type Cancel = 'never' | 'signal' | 'time';

export interface Plan {
  readonly capacity: number;
  readonly overflow: 'wait' | 'drop-oldest' | 'drop-newest';
  readonly acknowledge: 'on-done' | 'on-take';
  readonly confirm: 'batch' | 'each';
  readonly maxDeliveries: number;
  /** Whether it is a ReadyQueue, and is ready at first. */
  readonly gate: 'none' | 'open' | 'closed';
  /** Each step is a turn of its own; else what is deferred to the end of the turn waits for a whole group. */
  readonly turns: boolean;
  /** Whether what was sent one behind the other arrives at once. */
  readonly bursts: boolean;
  readonly producers: number;
  readonly consumers: number;
  /** Those of a group happen in any order; between two groups everything comes to rest. */
  readonly groups: readonly (readonly Command[])[];
}

export interface Abilities {
  readonly crashes: boolean;
  readonly overflow: readonly Plan['overflow'][];
  readonly acknowledge: readonly Plan['acknowledge'][];
  readonly gate: boolean;
}

/** All plans. Each plan uses only some kinds of commands, so that those it has meet often. */
export function plans(fc: typeof FastCheck, abilities: Abilities): Arbitrary<Plan> {
  const pick = fc.nat(7);
  const cancel = fc.constantFrom<Cancel[]>('never', 'never', 'signal', 'time');
  const few = fc.integer({ min: 1, max: 4 });
  const some = fc.oneof(
    { weight: 9, arbitrary: few },
    { weight: 1, arbitrary: fc.constantFrom(63, 64, 65, 257) },
  );
  const within = fc.constantFrom(0, 0, 50, 1000);
  const of = <T extends Command>(model: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> =>
    fc.record(model);
  const is = <T extends string>(...names: T[]): Arbitrary<T> => fc.constantFrom(...names);

  const putting: Arbitrary<Command>[] = [
    of({ do: is('put'), producer: pick, count: few, cancel }),
    of({ do: is('put'), producer: pick, count: some, cancel }),
    of({ do: is('putMany'), producer: pick, count: some, cancel }),
    of({ do: is('tryPut'), producer: pick }),
    of({ do: is('when room'), producer: pick, cancel }),
    of({ do: is('put in turn'), producer: pick, count: few }),
    of({ do: is('flush'), producer: pick }),
  ];
  const taking: Arbitrary<Command>[] = [
    of({ do: is('get'), consumer: pick, count: few, cancel }),
    of({ do: is('get'), consumer: pick, count: few, cancel }),
    of({ do: is('tryGet'), consumer: pick }),
    of({ do: is('takeMany'), consumer: pick, max: some, within, cancel }),
    of({ do: is('loop'), consumer: pick, count: few }),
  ];
  const iterating: Arbitrary<Command>[] = [
    of({
      do: is('iterate'),
      consumer: pick,
      kind: is('items', 'deliveries', 'deliveries', 'take', 'batches', 'delivery batches'),
      max: few,
      within,
      cancel,
    }),
    of({ do: is('next'), iteration: pick }),
    of({ do: is('next'), iteration: pick }),
    of({ do: is('next'), iteration: pick }),
    of({ do: is('leave', 'drain'), iteration: pick }),
    of({ do: is('ack', 'nack'), delivery: pick }),
    of({ do: is('ack', 'nack'), delivery: pick }),
    of({ do: is('ack in hand'), consumer: pick }),
  ];
  const burying: Arbitrary<Command>[] = [
    of({ do: is('reject'), delivery: pick }),
    of({ do: is('put back dead letters') }),
  ];
  const looping: Arbitrary<Command>[] = [
    of({ do: is('put back'), delivery: pick, cancel }),
    of({ do: is('try put back'), delivery: pick }),
  ];
  const closing: Arbitrary<Command>[] = [
    of({ do: is('producer', 'consumer') }),
    of({ do: is('close producer'), producer: pick }),
    of({ do: is('close consumer'), consumer: pick }),
    of({ do: is('close queue') }),
  ];
  const slots: Arbitrary<Command>[] = [
    of({ do: is('slot'), role: is('producer', 'consumer') }),
    of({ do: is('close slot'), slot: pick }),
  ];
  const cancelling: Arbitrary<Command>[] = [
    of({ do: is('abort'), wait: pick }),
    of({ do: is('pass time'), ms: fc.constantFrom(10, 49, 1000) }),
  ];
  const joining: Arbitrary<Command>[] = [of({ do: is('join') })];
  const clearing: Arbitrary<Command>[] = [of({ do: is('clear') })];
  const gating: Arbitrary<Command>[] = [of({ do: is('ready', 'ready', 'not ready', 'refuse') })];
  const crashing: Arbitrary<Command>[] = [
    of({ do: is('crash producer'), producer: pick }),
    of({ do: is('crash consumer'), consumer: pick }),
    of({ do: is('producer', 'consumer') }),
  ];
  const kinds = [
    iterating,
    burying,
    looping,
    closing,
    slots,
    cancelling,
    joining,
    clearing,
    ...(abilities.crashes ? [crashing] : []),
  ];

  const gate = fc.oneof(
    { weight: 3, arbitrary: fc.constant('none' as const) },
    {
      weight: abilities.gate ? 1 : 0,
      arbitrary: fc.constantFrom('open' as const, 'closed' as const),
    },
  );
  return fc.record({ chosen: fc.subarray(kinds), gate }).chain(({ chosen, gate }) => {
    const gates = gate === 'none' ? [] : gating;
    const command = fc.oneof(...putting, ...taking, ...chosen.flat(), ...gates);
    const group = fc.oneof(
      { weight: 2, arbitrary: fc.array(command, { minLength: 1, maxLength: 1 }) },
      { weight: 3, arbitrary: fc.array(command, { minLength: 1, maxLength: 5 }) },
    );
    return fc.record<Plan>({
      capacity: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(1, 1, 2, 3) },
        { weight: 1, arbitrary: fc.constantFrom(8, 64, 300) },
      ),
      overflow: fc.oneof(
        { weight: 6, arbitrary: fc.constant('wait' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...abilities.overflow) },
      ),
      acknowledge: fc.oneof(
        { weight: 7, arbitrary: fc.constant('on-done' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...abilities.acknowledge) },
      ),
      confirm: fc.oneof(
        { weight: 4, arbitrary: fc.constant('batch' as const) },
        { weight: 1, arbitrary: fc.constant('each' as const) },
      ),
      maxDeliveries: fc.constantFrom(Infinity, Infinity, 1, 2, 3),
      gate: fc.constant(gate),
      turns: fc.boolean(),
      bursts: fc.boolean(),
      producers: fc.integer({ min: 1, max: 3 }),
      consumers: fc.integer({ min: 1, max: 3 }),
      groups: fc.array(group, { minLength: 1, maxLength: 14 }),
    });
  });
}
