import { bind, type CaseSpec, type ConformanceCase } from './case.js';
import { ahead } from './cases/ahead.js';
import { batches } from './cases/batches.js';
import { bounds } from './cases/bounds.js';
import { cancelling } from './cases/cancelling.js';
import { checking } from './cases/checking.js';
import { clearing } from './cases/clearing.js';
import { closing } from './cases/closing.js';
import { deadLetters } from './cases/dead-letters.js';
import { deliveryBatches } from './cases/delivery-batches.js';
import { ending } from './cases/ending.js';
import { dying } from './cases/dying.js';
import { hands } from './cases/hands.js';
import { headers } from './cases/headers.js';
import { heldOpen } from './cases/held-open.js';
import { killing } from './cases/killing.js';
import { language } from './cases/language.js';
import { looking } from './cases/looking.js';
import { loops } from './cases/loops.js';
import { lossy } from './cases/lossy.js';
import { moving } from './cases/moving.js';
import { order } from './cases/order.js';
import { owes } from './cases/owes.js';
import { ready } from './cases/ready.js';
import { readyWaits } from './cases/ready-waits.js';
import { room } from './cases/room.js';
import { travel } from './cases/travel.js';
import { values } from './cases/values.js';
import { randomCase } from './random/random.js';
import type { TransportUnderTest } from './target.js';

const SPECS: readonly CaseSpec[] = [
  ...order,
  ...bounds,
  ...room,
  ...lossy,
  ...ready,
  ...readyWaits,
  ...ending,
  ...heldOpen,
  ...closing,
  ...clearing,
  ...hands,
  ...dying,
  ...deadLetters,
  ...killing,
  ...travel,
  ...values,
  ...headers,
  ...moving,
  ...batches,
  ...deliveryBatches,
  ...cancelling,
  ...looking,
  ...loops,
  ...ahead,
  ...language,
  ...checking,
  ...owes,
];

/**
 * The contract's rules as cases to run against a transport, as far as its manifest says that they apply. A case rejects
 * when the rule is broken, and when it leaves a promise, a listener, a timer or a port behind.
 *
 * @example
 * ```ts
 * import { conformance, memoryTarget } from '@millrace/core/testing';
 * import { test } from 'vitest';
 *
 * for (const { name, run } of conformance(memoryTarget())) test(name, run);
 * ```
 */
export function conformance(target: TransportUnderTest): ConformanceCase[] {
  const cases = SPECS.filter(({ when }) => when === undefined || when(target)).map((spec) =>
    bind(target, spec),
  );
  return [...cases, randomCase(target)];
}
