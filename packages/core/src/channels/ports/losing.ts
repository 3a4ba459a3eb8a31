/** A home whose far endpoints may be lost. */
interface Losing {
  /** Ends what was lost, and deals out what came back. */
  endLost(): void;
}

/** Those that something was lost of, or that have something to deal out, while all that is lost is being named. */
let held: Set<Losing> | undefined;

/**
 * Loses links as one, as those of a worker that is gone: what one of its endpoints had is not dealt out before all of them
 * are known to be lost, or the next of them would get it, and it would count as delivered once more.
 *
 * @param lose - loses them all, before it returns
 */
export function loseTogether(lose: () => void): void {
  if (held !== undefined) {
    lose();
    return;
  }
  const homes = (held = new Set<Losing>());
  try {
    lose();
  } finally {
    held = undefined;
    for (const home of homes) home.endLost();
  }
}

/** Answers whether this one has to wait. It is called then as soon as all that is lost is known. */
export function postpone(home: Losing): boolean {
  held?.add(home);
  return held !== undefined;
}
