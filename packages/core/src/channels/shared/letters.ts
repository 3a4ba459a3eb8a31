import { MillraceError } from '../../errors/error.js';
import type { DeadLetter, DeadLetterBackend } from '../../transport/backend.js';
import { fix } from '../values/fix.js';

/** What the letters need of their queue. */
export interface LetterHome {
  readonly name: string;
  readonly capacity: number;
  /** Throws when the queue takes nothing back; answers whether it takes it at all. */
  check(): boolean;
  enqueue(letter: DeadLetter): void;
  dropped(id: string): void;
}

/** Items that were given up, the oldest first. The host keeps them: the queue does not wait for them. */
export class SharedLetters implements DeadLetterBackend {
  private readonly home: LetterHome;
  private readonly letters = new Map<string, DeadLetter>();
  private buried = 0;

  constructor(home: LetterHome) {
    this.home = home;
  }

  add(letter: Omit<DeadLetter, 'id'>): DeadLetter {
    const id = `${this.home.name}/d${String(++this.buried)}`;
    const added: DeadLetter = { id, ...letter };
    this.letters.set(id, added);
    return added;
  }

  /** There may be one too many. */
  trim(): void {
    if (this.letters.size <= this.home.capacity) return;
    const [oldest] = this.letters.keys();
    if (oldest === undefined) return;
    this.letters.delete(oldest);
    this.home.dropped(oldest);
  }

  size(): number {
    return this.letters.size;
  }

  read(max: number): DeadLetter[] {
    return [...this.letters.values()].slice(0, max).map((letter) => ({ ...letter, value: fix(letter.value) }));
  }

  putBack(ids: readonly string[] | 'all'): number {
    if (!this.home.check()) return 0;
    const found = this.take(ids);
    for (const letter of found) this.home.enqueue(letter);
    return found.length;
  }

  purge(ids: readonly string[] | 'all'): number {
    return this.take(ids).length;
  }

  private take(ids: readonly string[] | 'all'): DeadLetter[] {
    const found: DeadLetter[] = [];
    for (const id of ids === 'all' ? [...this.letters.keys()] : ids) {
      const letter = this.letters.get(id);
      if (letter === undefined) continue;
      this.letters.delete(id);
      found.push(letter);
    }
    return found;
  }
}

export function ended(queue: string): MillraceError {
  return new MillraceError(
    'QUEUE_ENDED',
    `Queue "${queue}" has ended, and takes nothing back. Its dead letters can still be read: put them into another queue.`,
    { queue },
  );
}
