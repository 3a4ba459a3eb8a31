import type { ItemHeaders, QueueSpec, Runtime } from '@millrace/core';
import {
  DeadLetters,
  Entry,
  Home,
  type Letter,
  packErrors,
  type Packed,
  RICH,
  SeenPuts,
  unpackErrors,
} from '@millrace/core/channels';
import type { Journal } from './journal.js';

/** An item as it is written down. */
export interface ItemRecord {
  readonly value: unknown;
  readonly flags: number;
  readonly headers: ItemHeaders | undefined;
}

export interface State {
  readonly closed: boolean;
  /** The gate is open. */
  readonly ready: boolean;
}

/** A queue's state that is written down as it changes. */
export class JournaledHome extends Home {
  override readonly seen: JournaledSeen;
  override readonly deadLetters: JournaledLetters;
  private readonly journal: Journal;

  constructor(spec: QueueSpec, runtime: Runtime, journal: Journal) {
    super(spec, runtime);
    this.journal = journal;
    this.seen = new JournaledSeen(spec.name, journal);
    this.deadLetters = new JournaledLetters(this, spec.name, journal);
    journal.set(['spec', spec.name, 0], spec);
    this.events.on('ready', () => {
      this.writeState();
    });
  }

  override enqueue(value: unknown, flags: number, headers?: ItemHeaders): void {
    this.write({ value: (flags & RICH) === 0 ? value : packErrors(value), flags, headers });
    super.enqueue(value, flags, headers);
  }

  protected override finish(entry: Entry): void {
    this.journal.delete(['item', this.spec.name, entry.order]);
    super.finish(entry);
  }

  override close(): void {
    this.writeState(true);
    super.close();
  }

  /** An item that an earlier host had, and may have delivered. */
  restore(record: ItemRecord): void {
    this.write(record);
    const { flags, headers } = record;
    const value = (flags & RICH) === 0 ? record.value : unpackErrors(record.value as Packed);
    const entry = new Entry(value, flags, this.order++, this.epoch, headers);
    entry.attempt = 2;
    this.counts.put++;
    this.size++;
    this.waiting.push(entry);
  }

  /** What an earlier host had been told. */
  resume({ closed, ready }: State): void {
    if (this.gate !== undefined) this.gate.ready = ready;
    if (closed) this.close();
    else this.writeState();
  }

  /** The next item. */
  private write(record: ItemRecord): void {
    this.journal.set(['item', this.spec.name, this.order], record);
  }

  private writeState(closed = this.closed): void {
    const state: State = { closed, ready: this.gate?.ready ?? false };
    this.journal.set(['state', this.spec.name, 0], state);
  }
}

class JournaledSeen extends SeenPuts {
  private readonly queue: string;
  private readonly journal: Journal;

  constructor(queue: string, journal: Journal) {
    super();
    this.queue = queue;
    this.journal = journal;
  }

  override note(producer: string, sequence: number): void {
    const [silent] = this.highest.keys();
    super.note(producer, sequence);
    this.journal.set(['seen', this.queue, producer], sequence);
    if (silent !== undefined && !this.highest.has(silent))
      this.journal.delete(['seen', this.queue, silent]);
  }
}

class JournaledLetters extends DeadLetters {
  private readonly queue: string;
  private readonly journal: Journal;

  constructor(home: Home, queue: string, journal: Journal) {
    super(home);
    this.queue = queue;
    this.journal = journal;
  }

  override add(entry: Entry): void {
    const before = new Set(this.letters.keys());
    super.add(entry);
    for (const [id, letter] of this.letters)
      if (!before.delete(id)) this.journal.set(['letter', this.queue, id], packErrors(letter));
    // There were too many.
    for (const id of before) this.journal.delete(['letter', this.queue, id]);
  }

  /** One that an earlier host had. */
  restore(packed: Packed): void {
    const letter = unpackErrors(packed) as Letter;
    this.letters.set(letter.id, letter);
    this.buried = Math.max(this.buried, Number(letter.id.slice(letter.id.lastIndexOf('/d') + 2)));
    this.journal.set(['letter', this.queue, letter.id], packed);
  }

  protected override take(ids: readonly string[] | 'all'): Letter[] {
    const taken = super.take(ids);
    for (const { id } of taken) this.journal.delete(['letter', this.queue, id]);
    return taken;
  }
}
