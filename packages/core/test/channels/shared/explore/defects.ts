import type { Change } from './modules.ts';

/** A defect planted in the channel's source: what is wrong then, and the places. */
export interface Defect {
  readonly name: string;
  readonly changes: readonly Change[];
}

function at(module: string, from: string, to: string): Change {
  return { module, from, to };
}

function defect(name: string, ...changes: Change[]): Defect {
  return { name, changes };
}

export const defects: readonly Defect[] = [
  defect('a value is stored before its journal entry', at('words', '    words[JOURNAL_LENGTH] = length + 2;\n    words[at] = value;\n  }\n\n  add', '    words[at] = value;\n    words[JOURNAL_LENGTH] = length + 2;\n  }\n\n  add')),
  defect('the journal counts an entry before it is written', at('words', '    words[JOURNAL + length] = at;\n    words[JOURNAL + length + 1] = words[at]!;\n    words[JOURNAL_LENGTH] = length + 2;', '    words[JOURNAL_LENGTH] = length + 2;\n    words[JOURNAL + length] = at;\n    words[JOURNAL + length + 1] = words[at]!;')),
  defect('changes are undone from the first to the last', at('words', 'for (let length = words[JOURNAL_LENGTH]!; length > 0; ) {\n      length -= 2;', 'for (let length = 0; length < words[JOURNAL_LENGTH]!; length += 2) {')),
  defect('the journal is shortened before a change is undone', at('words', '      length -= 2;\n', '      length -= 2;\n      words[JOURNAL_LENGTH] = length;\n')),
  defect('who recovers undoes nothing', at('lock', '    s.rollback();\n', '    s.commit();\n')),
  defect('the lock is freed before what was begun is undone', at('lock', '    s.rollback();\n    Atomics.store(s.words, LOCK, 0);', '    Atomics.store(s.words, LOCK, 0);\n    s.rollback();')),
  defect('the lock is taken without a comparison', at('lock', '    if (Atomics.load(words, LOCK) === 0 && Atomics.compareExchange(words, LOCK, 0, mine) === 0) return true;', '    if (Atomics.load(words, LOCK) === 0) {\n      Atomics.store(words, LOCK, mine);\n      return true;\n    }')),
  defect('who frees the lock wakes nobody', at('lock', 'if (waits !== 0) Atomics.notify(words, LOCK, waits === SLEEPS ? 1 : Infinity);', '')),
  defect('the lock is freed by a plain look and a store', at('lock', 'const waits = Atomics.exchange(words, LOCK, 0) & (SLEEPS | WATCHES);', 'const waits = Atomics.load(words, LOCK) & (SLEEPS | WATCHES);\n  Atomics.store(words, LOCK, 0);')),
  defect('who recovers wakes nobody', at('lock', '  // It may also have been woken to take it, and died before it did.\n  Atomics.notify(s.words, LOCK);', '')),
  defect('a step is not committed', at('access', '      step();\n      s.commit();\n    } catch', '      step();\n    } catch')),
  defect('a bell grows, and wakes nobody', at('bells', 'if (!lingers(s, slot)) Atomics.notify(s.words, at);\n  },\n  listen', '},\n  listen')),
  defect('a bell wakes before it grows', at('bells', '    Atomics.add(s.words, at, 1);', '    Atomics.notify(s.words, at);\n    Atomics.add(s.words, at, 1);\n    return;')),
  defect('who listens looks before it notes what it has heard', at('bells', '      const heard = Atomics.load(s.words, at);\n      look();', '      look();\n      const heard = Atomics.load(s.words, at);')),
  defect('a block is not given back', at('heap', '  give(s, block, 1);\n', '')),
  defect('the bytes of a block are not given back', at('heap', '  if (at !== 0) give(s, at, pagesFor(s.get(block + B.BYTES)));\n', '')),
  defect('a run is not given back', at('runs', '  unlink(s, list, run);\n  givePages(s, run, 1);', '  unlink(s, list, run);')),
  defect('the next run does not learn what is before it now', at('runs', '  s.set(next === 0 ? list + 1 : next + R.BEFORE, before);', '  if (next === 0) s.set(list + 1, before);')),
  defect('items that wait are not counted', at('items', '  s.add(WAITING, count);\n  s.add(SIZE, count);', '  s.add(SIZE, count);')),
  defect('nobody is told of items', at('endpoints', 'if (s.get(WAITING) > 0) ringHungry(s);\n    else', 'if (s.get(WAITING) > 0) return;\n    else')),
  defect('who was told of items and looked is taken to know of the next', at('consumer-side', '    s.set(e + E.RUNG, 0);\n', '')),
  defect('who returns items that it has not begun is asked once only', at('consumer-side', '        s.set(e + E.ITEM_RECALL, 0);\n', '')),
  defect('room is promised and its producer is not told', at('room', '      if (s.get(e + E.GRANTED) === 0) s.ring(slot);\n', '')),
  defect('room that is taken at once is not counted', at('room', '  reserve(s, slot, n);\n  return items + n;', '  return items + n;')),
  defect('the room of one that leaves is lost', at('endpoints', "  use(s, slot, s.get(e + E.OUT));\n", '')),
  defect('what comes back goes to the end of the line', at('items', 'next !== 0 && isBefore(placeOf(s, next), place); next', 'next !== 0; next')),
  defect('what was perhaps begun comes back as new', at('hands', "  if (use !== 'unbegun') s.add(run + R.ATTEMPT, 1);", "  if (use === 'begun') s.add(run + R.ATTEMPT, 1);")),
  defect('consumers are not told of the end', at('endpoints', 'if (s.get(slotAt(slot) + E.ROLE) === CONSUMER) s.ring(slot);', 'if (s.get(slotAt(slot) + E.ROLE) === PRODUCER) s.ring(slot);')),
  defect('what a late step found is not told', at('link', "      else this.deliverSoon();\n    });\n    this.host = host;", "    });\n    this.host = host;")),
  defect('what was not packed yet in a late step is not said', at('link', "if (this.unpacked && !this.looking) this.look();\n      else ", "")),
];
