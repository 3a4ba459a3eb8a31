import { fix } from '../../channels/values/fix.js';
import { MillraceError } from '../../errors/error.js';
import type { DeadLetter, DeadLetterBackend } from '../backend.js';
import type { Entry } from './entry.js';
import type { Home } from './home.js';

export interface Letter extends DeadLetter {
  readonly flags: number;
}

/** Items that were given up, the oldest first. They count as settled: the queue does not wait for them. */
export class DeadLetters implements DeadLetterBackend {
  private readonly home: Home;
  protected readonly letters = new Map<string, Letter>();
  protected buried = 0;

  constructor(home: Home) {
    this.home = home;
  }

  add({ value, flags, begun, error, headers }: Entry): void {
    const { events, runtime, spec } = this.home;
    const queue = spec.name;
    const id = `${queue}/d${String(++this.buried)}`;
    this.letters.set(id, { id, value, flags, attempts: begun, error, at: runtime.now(), headers });
    events.emit('dead-letter', { queue, id, attempts: begun, error, value });
    if (this.letters.size <= spec.deadLetterCapacity) return;
    const [oldest] = this.letters.keys();
    if (oldest === undefined) return;
    this.letters.delete(oldest);
    this.home.counts.deadDropped++;
    events.emit('dead-letter-dropped', { queue, id: oldest });
  }

  size(): number {
    return this.letters.size;
  }

  read(max: number): DeadLetter[] {
    const found: DeadLetter[] = [];
    for (const { flags: _, ...letter } of this.letters.values()) {
      if (found.length >= max) break;
      found.push(this.home.spec.clone ? { ...letter, value: fix(letter.value) } : letter);
    }
    return found;
  }

  putBack(ids: readonly string[] | 'all'): number {
    const { home } = this;
    if (home.disposed !== undefined) throw home.disposed;
    if (home.isEnded)
      throw new MillraceError(
        'QUEUE_ENDED',
        `Queue "${home.spec.name}" has ended, and takes nothing back. Its dead letters can still be read: put them into another queue.`,
        { queue: home.spec.name },
      );
    if (!home.accepting) return 0;
    const found = this.take(ids);
    for (const { value, flags, headers } of found) home.enqueue(value, flags, headers);
    return found.length;
  }

  purge(ids: readonly string[] | 'all'): number {
    return this.take(ids).length;
  }

  protected take(ids: readonly string[] | 'all'): Letter[] {
    const found: Letter[] = [];
    for (const id of ids === 'all' ? [...this.letters.keys()] : ids) {
      const letter = this.letters.get(id);
      if (letter === undefined) continue;
      this.letters.delete(id);
      found.push(letter);
    }
    return found;
  }
}
