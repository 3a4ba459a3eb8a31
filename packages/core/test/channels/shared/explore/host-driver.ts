import type { Message, Shared, Words, World } from './shared.ts';

/** The host's part, as in host.ts and shared-queue.ts: what it does for its endpoints, and for those that are dead. */
export class Host {
  readonly known: Set<number>;
  cleared = 0;
  private readonly shared: Shared;
  private readonly s: Words;
  private readonly access: { run(step: () => void): boolean };
  private readonly world: World;
  private readonly kept: Map<number, number[]>;
  private readonly fetches: (() => void)[] = [];
  private syncs: number[] = [];

  constructor(shared: Shared, s: Words, world: World, before?: Host) {
    this.shared = shared;
    this.s = s;
    this.world = world;
    this.access = new shared.Access(s, shared.HOST_HOLDER, shared.sharedBells);
    this.known = new Set(before?.known);
    this.kept = before?.kept ?? new Map();
  }

  start(): void {
    this.shared.sharedBells.listen(this.s, this.shared.HOST, () => {
      this.look();
    });
  }

  hear(slot: number, message: Message): void {
    const { shared, s } = this;
    const { TO_HOME, TO_ENDPOINT, TO_HOST, FROM_HOST } = shared;
    if (!this.known.has(slot)) return;
    switch (message[0]) {
      case TO_HOME.CLOSE:
        this.access.run(() => {
          this.end(slot, 'unbegun');
          this.world.toSlot(slot, [TO_ENDPOINT.CLOSED, message[1]]);
        });
        return;
      case TO_HOME.NACK:
        this.access.run(() => {
          if (!this.known.has(slot)) return;
          s.add(shared.slotAt(slot) + shared.E.NACKS, 1);
          s.ring(slot);
          const run = shared.findInHand(s, slot, message[1] as number, message[2] as number);
          if (run !== 0) shared.takeBack(s, slot, run, message[3] === true ? 'begun' : 'unbegun', -1);
          s.commit();
          shared.tend(s, 0);
        });
        return;
      case TO_HOST.KEEP:
        this.kept.set(message[1] as number, message[2] as number[]);
        for (const fetch of this.fetches.splice(0)) fetch();
        return;
      case TO_HOST.FORGET:
        this.kept.delete(message[1] as number);
        return;
      case TO_HOST.FETCH:
        this.fetch(slot, message);
        return;
      default:
        throw new Error(`The host of the exploration was told ${String(message[0])} (${String(FROM_HOST.VALUES)}).`);
    }
  }

  private fetch(slot: number, message: Message): void {
    const [, request, key, from, to] = message as readonly [number, number, number, number, number];
    const values = this.kept.get(key);
    if (values === undefined)
      this.fetches.push(() => {
        this.fetch(slot, message);
      });
    else this.world.toSlot(slot, [this.shared.FROM_HOST.VALUES, request, values.slice(from, to), undefined]);
  }

  /** An endpoint's thread is dead. */
  lose(slot: number): void {
    const { shared, s } = this;
    shared.recover(s, shared.holderOf(slot + 1));
    this.access.run(() => {
      shared.ringAll(s);
      this.end(slot, 'maybe');
    });
  }

  /** In the place of a host that died at this: what it had begun is undone, and done anew. */
  loseAgain(slot: number): void {
    this.shared.recover(this.s, this.shared.HOST_HOLDER);
    this.shared.recover(this.s, this.shared.holderOf(slot + 1));
    this.access.run(() => {
      // What the one before knew is not what it did.
      if (this.s.get(this.shared.slotAt(slot) + this.shared.E.ROLE) === 0) this.known.delete(slot);
      else this.known.add(slot);
      this.end(slot, 'maybe');
      this.shared.tend(this.s, 0);
      this.shared.ringAll(this.s);
    });
  }

  private end(slot: number, unknown: 'maybe' | 'unbegun'): void {
    const { shared, s } = this;
    if (!this.known.delete(slot)) return;
    shared.leave(s, slot, unknown, 0, (run, use) => {
      shared.takeBack(s, slot, run, use, -1);
    });
    shared.tend(s, 0);
    s.ring(shared.HOST);
  }

  look(): void {
    const { shared, s } = this;
    this.access.run(() => {
      for (let block = s.get(shared.FREED); block !== 0; block = s.get(shared.FREED)) {
        this.kept.delete(s.get(block + shared.B.KEY));
        s.set(shared.FREED, s.get(block + shared.B.NEXT));
        shared.forgetBlock(s, block);
        s.commit();
      }
      this.checkSyncs();
    });
  }

  close(): void {
    const { shared, s } = this;
    this.access.run(() => {
      s.set(shared.FLAGS, s.get(shared.FLAGS) | shared.CLOSED);
      s.commit();
      shared.tend(s, 0);
    });
  }

  clear(): void {
    const { shared, s } = this;
    this.world.clears();
    this.access.run(() => {
      s.set(shared.EPOCH, s.get(shared.EPOCH) + 1);
      s.set(shared.EPOCH_START, s.get(shared.NEXT_PLACE));
      s.commit();
      while (!shared.discardOutdated(s)) s.commit();
      s.set(shared.SYNC, s.get(shared.SYNC) + 1);
      this.syncs.push(s.get(shared.SYNC));
      shared.ringAll(s);
      s.commit();
      shared.tend(s, 0);
    });
  }

  private checkSyncs(): void {
    const { shared, s } = this;
    let answered = Infinity;
    for (let slot = 0; slot < s.get(shared.TOP); slot++) {
      const e = shared.slotAt(slot);
      if (s.get(e + shared.E.ROLE) !== 0) answered = Math.min(answered, s.get(e + shared.E.SYNCED));
    }
    const before = this.syncs.length;
    this.syncs = this.syncs.filter((number) => number > answered);
    this.cleared += before - this.syncs.length;
  }
}
