import { place, type Faults } from './errors.js';
import { listOf, numberOf, textOf } from './replies.js';
import type { Plan } from './plan.js';
import type { Address, Reply } from './types.js';
import type { Driver } from './wire.js';

/** Opens a wire, asks one question, and drops it. */
export async function askOnce(
  driver: Driver,
  address: Address | undefined,
  args: readonly string[],
  signal: AbortSignal,
  timeout: number,
): Promise<Reply> {
  const wire = await driver.open(
    address,
    { onDown: () => {}, onMessage: () => {}, onMoved: () => {} },
    { signal, timeout },
  );
  const drop = (): void => wire.drop();
  signal.addEventListener('abort', drop, { once: true });
  try {
    return await wire.send(args);
  } finally {
    signal.removeEventListener('abort', drop);
    drop();
  }
}

/** Asks the Sentinels, one after the other, who the master is. The one that knew it is asked first the next time. */
export function masterFinder(plan: Plan): (signal: AbortSignal) => Promise<Address> {
  let sentinels = [...plan.seeds];
  return async (signal) => {
    const driver = await plan.sentinelDriver();
    let last: unknown;
    for (const sentinel of sentinels) {
      signal.throwIfAborted();
      const share = AbortSignal.timeout(
        Math.max(500, plan.connectTimeout / (sentinels.length + 1)),
      );
      try {
        const question = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', plan.master!];
        const reply = await askOnce(
          driver,
          sentinel,
          question,
          AbortSignal.any([signal, share]),
          plan.connectTimeout,
        );
        const [host, port] = listOf(reply);
        if (host === undefined) throw unknownMaster(plan.faults, sentinel, plan.master!);
        sentinels = [sentinel, ...sentinels.filter((one) => one !== sentinel)];
        return plan.map({ host: textOf(host), port: numberOf(port) });
      } catch (error) {
        last = share.aborted
          ? plan.faults.timedOut(place(sentinel), plan.connectTimeout)
          : plan.faults.unreachable(place(sentinel), error).error;
      }
    }
    throw last;
  };
}

function unknownMaster(faults: Faults, sentinel: Address | undefined, name: string): Error {
  return faults.make(
    'CONNECTION_FAILED',
    `The Sentinel at ${place(sentinel)} knows no master named '${name}'. Check \`sentinel.name\`.`,
    { server: place(sentinel), reason: 'unknown-master', name },
  );
}

export const SLOTS = 16384;

/** The owner of each slot, as `host:port`; what nobody owns is left out. */
export interface SlotMap {
  readonly owners: readonly (string | undefined)[];
  readonly addresses: ReadonlyMap<string, Address>;
}

/** Reads the answer to CLUSTER SLOTS. */
export function slotMapOf(reply: Reply, asked: Address | undefined, map: Plan['map']): SlotMap {
  const owners = new Array<string | undefined>(SLOTS);
  const addresses = new Map<string, Address>();
  for (const range of listOf(reply)) {
    const [first, last, master] = listOf(range);
    const [host, port] = listOf(master);
    // No host, or one that is not known yet: the one that was asked.
    const name = textOf(host);
    const address = map({
      host: name === '' || name === '?' ? (asked?.host ?? '') : name,
      port: numberOf(port),
    });
    const key = place(address);
    addresses.set(key, address);
    owners.fill(key, numberOf(first), numberOf(last) + 1);
  }
  return { owners, addresses };
}
