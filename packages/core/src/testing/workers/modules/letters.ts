import type { LoopContext } from '../../../loops/context.js';

/** Spells a word, as a plain generator that hears no messages. */
export default function* letters(word: string, context: LoopContext<string>) {
  try {
    yield* word;
  } finally {
    void context.message('finally');
  }
}
