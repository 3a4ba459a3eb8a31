import { bellOf, heardOf, HOST, lingersOf, ownerOf, type Words } from './words.js';

/** How threads wake each other. */
export interface Bells {
  /** The slot's thread, or the host's, is to look. */
  ring(s: Words, slot: number): void;
  /** Calls back, once or more, after each ring. */
  listen(s: Words, slot: number, look: () => void): Listening;
}

/** That somebody listens to a bell. */
export interface Listening {
  /** Somebody here waits for the next ring, which may come soon. `owner` is whose slot it is. */
  expect(owner: number): void;
  end(): void;
}

interface AsyncWait {
  readonly async: boolean;
  readonly value: Promise<unknown> | string;
}
/** TypeScript's library for the oldest runtimes that are served does not know it. */
const atomics = Atomics as unknown as { waitAsync(words: Int32Array, at: number, value: number, timeout?: number): AsyncWait };

/** Bells of shared memory: nobody polls. They keep no process alive: whoever waits has a port, or a promise, for that. */
export const sharedBells: Bells = Object.freeze({
  ring(s: Words, slot: number) {
    const at = bellOf(slot);
    Atomics.add(s.words, at, 1);
    // Who lingers says that it does so no more, and only then looks for the last time.
    if (!lingers(s, slot)) Atomics.notify(s.words, at);
  },
  listen(s: Words, slot: number, look: () => void) {
    const at = bellOf(slot);
    let open = true;
    const isOpen = (): boolean => open;
    const wait = (heard: number): void => {
      const { async, value } = atomics.waitAsync(s.words, at, heard);
      if (!async) woken();
      else void (value as Promise<unknown>).then(woken);
    };
    const woken = (): void => {
      if (!isOpen()) return;
      const heard = Atomics.load(s.words, at);
      look();
      // Looking may have ended it.
      if (!isOpen()) return;
      Atomics.store(s.words, heardOf(slot), heard);
      wait(heard);
    };
    const first = Atomics.load(s.words, at);
    Atomics.store(s.words, heardOf(slot), first);
    wait(first);
    return {
      expect: () => undefined,
      end: () => {
        open = false;
        // What waits is done with, so that nothing here is kept.
        Atomics.notify(s.words, at);
      },
    };
  },
});

/** A slot may be another's by now: who had it before may still look, and does not look for that one. */
function lingers({ words }: Words, slot: number): boolean {
  const owner = slot === HOST ? 0 : Atomics.load(words, lingersOf(slot));
  return owner !== 0 && owner === Atomics.load(words, ownerOf(slot));
}

/** Resolves when the word is another, or the time is over. */
export function changed(s: Words, at: number, value: number): Promise<unknown> {
  const wait = atomics.waitAsync(s.words, at, value);
  return wait.async ? (wait.value as Promise<unknown>) : Promise.resolve();
}

let blocks: boolean | undefined;
/** Whether this thread may sleep: a page's may not. */
export function maySleep(): boolean {
  if (blocks === undefined) {
    try {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
      blocks = true;
    } catch {
      blocks = false;
    }
  }
  return blocks;
}
