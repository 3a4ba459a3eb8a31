import { seeded } from './random.ts';

export const faultKinds = ['cut', 'refuse', 'delay', 'stall', 'halfClose'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** ms after the one before. */
  readonly after: number;
  /** ms that it lasts, for those that last. */
  readonly lasts: number;
  /** Which direction or side it strikes, for those that strike one. */
  readonly side: 'client' | 'server';
}

/** Faults on average every `ms` ms (from half to one and a half of it), without end: the same ones for the same seed. */
export function* rhythm(
  ms: number,
  seed: number,
  kinds: readonly FaultKind[] = faultKinds,
): Generator<Fault, never> {
  const random = seeded(seed);
  while (true) {
    yield {
      after: ms * (0.5 + random()),
      kind: kinds[Math.floor(random() * kinds.length)]!,
      lasts: ms * random(),
      side: random() < 0.5 ? 'client' : 'server',
    };
  }
}
