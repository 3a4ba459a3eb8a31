import { Found } from './machine.ts';
import type { Shared, Words } from './shared.ts';

/** An item where it is found in memory. */
export interface Place {
  readonly item: number;
  readonly where: 'home' | 'fetched' | 'hand';
  readonly slot: number;
}

function fail(what: string): never {
  throw new Found(what);
}

function same(what: string, found: number, expected: number): void {
  if (found !== expected) fail(`${what}: ${String(found)} where ${String(expected)} is right`);
}

/** Looks at all that a queue's memory holds while nobody has the lock: whatever it says twice has to agree. */
export class Judge {
  private readonly x: Shared;
  private readonly s: Words;
  private readonly valueOf: (block: number, index: number) => number;
  private used = new Set<number>();
  private blocks = new Map<number, number[]>();
  private items: Place[] = [];

  constructor(shared: Shared, s: Words, valueOf: (block: number, index: number) => number) {
    this.x = shared;
    this.s = s;
    this.valueOf = valueOf;
  }

  /** Every item that is there. `tended`: nobody is dead whose last step was not followed up. */
  look(tended: boolean): Place[] {
    const { x } = this;
    this.used = new Set();
    this.blocks = new Map();
    this.items = [];
    same('Words in the journal', this.at(x.JOURNAL_LENGTH), 0);
    same('Items that wait', this.at(x.WAITING), this.list(x.FIRST, -1).waiting);
    this.endpoints();
    this.checkBlocks();
    this.checkPages();
    this.checkCounts();
    this.checkLine();
    if (tended) this.checkTended();
    return this.items;
  }

  private at(word: number): number {
    return this.s.words[word]!;
  }

  private slots(role: number): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.at(this.x.TOP); slot++) if (this.at(this.e(slot, 'ROLE')) === role) found.push(slot);
    return found;
  }

  private e(slot: number, field: keyof Shared['E']): number {
    return this.x.SLOTS_AT + slot * this.x.SLOT_WORDS + this.x.E[field];
  }

  private sum(role: number, field: keyof Shared['E']): number {
    return this.slots(role).reduce((sum, slot) => sum + this.at(this.e(slot, field)), 0);
  }

  /** Walks a list of runs. */
  private list(list: number, slot: number): { waiting: number; fetched: number; hand: number; lone: number; alone: number } {
    const { x } = this;
    const found = { waiting: 0, fetched: 0, hand: 0, lone: 0, alone: 0 };
    let before = 0;
    let place = 0;
    let part = 0;
    for (let run = this.at(list); run !== 0; run = this.at(run + x.R.NEXT)) {
      this.use(run, 1);
      same('What a run says is before it', this.at(run + x.R.BEFORE), before);
      const block = this.at(run + x.R.BLOCK);
      const from = this.at(run + x.R.FROM);
      const to = this.at(run + x.R.TO);
      const state = this.at(run + x.R.STATE);
      if (from >= to || to > this.at(block + x.B.COUNT)) fail(`A run of items ${String(from)} to ${String(to)} of ${String(this.at(block + x.B.COUNT))}`);
      if ((state === x.AT_HOME) !== slot < 0) fail(`A run of state ${String(state)} in the list of ${slot < 0 ? 'what waits' : `slot ${String(slot)}`}`);
      const first = this.at(block + x.B.PLACE) + from;
      if (slot < 0 && before !== 0 && first < place) fail('What waits is out of order');
      place = first + to - from;
      if (slot >= 0 && this.at(run + x.R.PART) < part) fail('Parts are out of order');
      part = this.at(run + x.R.PART);
      const n = to - from;
      if (state === x.AT_HOME) found.waiting += n;
      else if (state === x.FETCHED) found.fetched += n;
      else found.hand += n;
      if (slot >= 0 && this.at(run + x.R.ALONE) === 2) {
        found.lone++;
        if (state === x.FETCHED) found.alone = 1;
      }
      const indexes = this.blocks.get(block) ?? [];
      this.blocks.set(block, indexes);
      for (let i = from; i < to; i++) {
        if (indexes.includes(i)) fail('An item is in two runs');
        indexes.push(i);
        this.items.push({ item: this.valueOf(block, i), where: state === x.AT_HOME ? 'home' : state === x.FETCHED ? 'fetched' : 'hand', slot });
      }
      before = run;
    }
    same("A list's last run", this.at(list + 1), before);
    return found;
  }

  private use(word: number, pages: number): void {
    const { s, x } = this;
    const first = (word - s.heap) / x.PAGE;
    for (let page = first; page < first + pages; page++) {
      if (!Number.isInteger(page) || page < 0 || page >= s.pages) fail(`Word ${String(word)} is no page`);
      if (this.used.has(page)) fail(`Page ${String(page)} is used twice`);
      this.used.add(page);
    }
  }

  private endpoints(): void {
    const { x } = this;
    let inHand = 0;
    let fetchedAll = 0;
    for (const slot of this.slots(x.CONSUMER)) {
      const { fetched, hand, lone, alone } = this.list(this.e(slot, 'FIRST'), slot);
      same(`What slot ${String(slot)} has fetched`, this.at(this.e(slot, 'FETCHED')), fetched);
      same(`What slot ${String(slot)} has in hand`, this.at(this.e(slot, 'IN_HAND')), hand);
      same(`Lone ones of slot ${String(slot)}`, this.at(this.e(slot, 'LONE')), lone);
      same(`Whether a lone one is on its way to slot ${String(slot)}`, this.at(this.e(slot, 'ALONE')), alone);
      inHand += hand;
      fetchedAll += fetched;
    }
    same('Items in hand', this.at(x.IN_HAND), inHand);
    same('Items not in hand', this.at(x.SIZE), this.at(x.WAITING) + fetchedAll);
  }

  private checkBlocks(): void {
    const { x } = this;
    for (let block = this.at(x.FREED); block !== 0; block = this.at(block + x.B.NEXT)) {
      this.use(block, 1);
      same('Open items of a block that is done with', this.at(block + x.B.OPEN), 0);
    }
    for (const [block, indexes] of this.blocks) {
      this.use(block, 1);
      same('Open items of a block', this.at(block + x.B.OPEN), indexes.length);
      const bytes = this.at(block + x.B.BYTES);
      if (bytes > 0) this.use(this.at(block + x.B.AT), Math.max(1, Math.ceil(bytes / (4 * x.PAGE))));
    }
  }

  private checkPages(): void {
    const { s, x } = this;
    for (let page = 0; page < s.pages; page++) {
      const marked = (this.at(x.BITMAP + (page >> 5)) & (1 << (page & 31))) !== 0;
      if (marked !== this.used.has(page)) fail(`Page ${String(page)} is ${marked ? 'marked, and nothing is there: a leak' : 'in use, and not marked'}`);
    }
    same('Free pages', this.at(x.FREE_PAGES), s.pages - this.used.size);
  }

  private checkCounts(): void {
    const { x } = this;
    const producers = this.slots(x.PRODUCER);
    const consumers = this.slots(x.CONSUMER);
    same('Producers', this.at(x.PRODUCERS), producers.length);
    same('Consumers', this.at(x.CONSUMERS), consumers.length);
    same('Open producers', this.at(x.OPEN_PRODUCERS), producers.length);
    same('Open consumers', this.at(x.OPEN_CONSUMERS), consumers.length);
    same('Room that is promised', this.at(x.RESERVED), this.sum(x.PRODUCER, 'OUT') + this.sum(x.CONSUMER, 'OUT'));
    same('Hungry consumers', this.at(x.HUNGRY), this.slots(x.CONSUMER).filter((slot) => this.at(this.e(slot, 'HUNGRY')) !== 0).length);
    same('Consumers that are stuck', this.at(x.STUCK), this.sum(x.CONSUMER, 'STUCK'));
    same('Items that were put, by what became of them', this.at(x.PUT), this.at(x.SIZE) + this.at(x.IN_HAND) + this.at(x.ACKED) + this.at(x.CLEARED) + this.at(x.DROPPED));
    for (const slot of producers) {
      const out = this.at(this.e(slot, 'OUT'));
      const granted = this.at(this.e(slot, 'GRANTED'));
      if (out < 0 || granted < 0 || granted > out) fail(`Slot ${String(slot)} was granted ${String(granted)} of ${String(out)}`);
      if (this.at(this.e(slot, 'ARRIVED')) !== this.at(this.e(slot, 'SEEN'))) fail(`Of slot ${String(slot)} arrived what was not counted`);
    }
  }

  private checkLine(): void {
    const { x } = this;
    let before = 0;
    const line = new Set<number>();
    for (let next = this.at(x.SEEK_FIRST); next !== 0; next = this.at(this.e(next - 1, 'SEEK_NEXT'))) {
      const slot = next - 1;
      if (line.has(slot)) fail('The line for room is a circle');
      line.add(slot);
      same('What the line for room says is before a slot', this.at(this.e(slot, 'SEEK_BEFORE')), before);
      before = next;
    }
    same("The line's last slot", this.at(x.SEEK_LAST), before);
    for (let slot = 0; slot < this.at(x.TOP); slot++) {
      const isFree = this.at(this.e(slot, 'ROLE')) === x.FREE;
      const seeks = !isFree && this.at(this.e(slot, 'SEEKS')) !== 0;
      if (seeks !== line.has(slot)) fail(`Slot ${String(slot)} is ${seeks ? 'not ' : ''}in the line for room`);
      if (!isFree && !seeks && this.at(this.e(slot, 'PUTS')) > this.at(this.e(slot, 'GRANTED'))) fail(`Slot ${String(slot)} waits for room, and is not in the line`);
    }
  }

  /** Who waits was told of what there is, or others were asked for what they do not use. */
  private checkTended(): void {
    const { x } = this;
    const capacity = this.at(x.CAPACITY);
    const room = capacity < 0 ? Infinity : capacity - this.at(x.SIZE) - this.at(x.RESERVED);
    if (this.at(x.SEEK_FIRST) !== 0) {
      if (room > 0) fail('There is room, and the first in the line did not get it');
      for (const slot of this.slots(x.PRODUCER))
        if (this.at(this.e(slot, 'OUT')) > 0 && this.at(this.e(slot, 'PUTS')) <= 0 && this.at(this.e(slot, 'ROOM_RECALL')) === 0)
          fail(`Room is short, and slot ${String(slot)} was not asked for its own`);
    }
    const hungry = this.slots(x.CONSUMER).filter((slot) => this.at(this.e(slot, 'HUNGRY')) !== 0);
    const waiting = this.at(x.WAITING);
    const told = hungry.filter((slot) => this.at(this.e(slot, 'RUNG')) !== 0).length;
    if (told < Math.min(waiting, hungry.length)) fail(`${String(waiting)} items wait, ${String(hungry.length)} consumers wait, and ${String(told)} of these were told`);
    if (waiting === 0 && hungry.length > 0)
      for (const slot of this.slots(x.CONSUMER)) {
        const ahead = this.at(this.e(slot, 'FETCHED')) - this.at(this.e(slot, 'EXPECTED'));
        if (ahead > 0 && !hungry.includes(slot) && this.at(this.e(slot, 'ITEM_RECALL')) === 0) fail(`Somebody waits, and slot ${String(slot)} was not asked for what it has not begun`);
      }
    const drained = (this.at(x.FLAGS) & x.CLOSED) !== 0 && this.at(x.OPEN_PRODUCERS) === 0 && this.at(x.SIZE) === 0;
    same('Of what drained consumers were told', this.at(x.DRAINED_TOLD), drained ? this.at(x.IN_HAND) + 1 : 0);
  }
}
