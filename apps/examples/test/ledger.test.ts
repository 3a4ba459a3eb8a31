import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';

import { expect, it } from 'vitest';

import { Book } from '../src/main-job/book.js';
import { Ledger } from '../src/main-job/ledger.js';

const nothing = { duplicated: 0, unmarkedDuplicates: 0, redelivered: 0, unconfirmed: 0, unconfirmedTaken: 0 };

it('sums up the books of all workers, while they are written and afterwards', async () => {
  await using ledger = await Ledger.open(10);
  const producer = await Book.open(ledger.bookFor('producer'));
  const consumer = await Book.open(ledger.bookFor('consumer'));
  ledger.bookFor('never-started');
  for (const id of [0, 1, 2]) producer.offer(id);
  producer.confirm(0, 2);
  consumer.begin(0, false);
  consumer.finish(0);
  consumer.begin(1, false);
  await ledger.readAll();
  expect({ put: ledger.put, taken: ledger.taken, next: ledger.firstNotOffered(0, 10) }).toEqual({ put: 2, taken: 1, next: 3 });
  expect(await ledger.audit()).toEqual({ ...nothing, offered: 3, put: 2, taken: 1, lost: 1, unconfirmed: 1 });

  consumer.begin(1, true);
  consumer.finish(1);
  consumer.begin(2, false);
  consumer.begin(2, false);
  consumer.finish(2);
  expect(await ledger.audit()).toEqual({
    ...{ offered: 3, put: 3, taken: 3, lost: 0, unconfirmed: 1, unconfirmedTaken: 1 },
    ...{ duplicated: 2, unmarkedDuplicates: 1, redelivered: 1 },
  });
  producer.close();
  consumer.close();
});

it('leaves out what a worker was killed in the middle of', async () => {
  await using ledger = await Ledger.open(10);
  const file = ledger.bookFor('producer');
  const book = await Book.open(file);
  book.offer(0);
  book.offer(1);
  book.close();
  appendFileSync(file, new Uint8Array([2, 0, 0, 0, 9]));
  expect(await ledger.audit()).toEqual({ ...nothing, offered: 2, put: 0, taken: 0, lost: 0, unconfirmed: 2 });
  expect((await ledger.audit()).offered).toBe(2);
});

it('takes in the rest of a book whose worker is gone, and looks at it no more', async () => {
  await using ledger = await Ledger.open(10);
  const file = ledger.bookFor('producer');
  const book = await Book.open(file);
  book.offer(0);
  await ledger.readAll();
  book.offer(1);
  // Both at once: nothing is read twice.
  await Promise.all([ledger.readAll(), ledger.readToEnd(file)]);
  expect(ledger.firstNotOffered(0, 10)).toBe(2);
  book.offer(2);
  book.close();
  await ledger.readToEnd(file);
  await ledger.readAll();
  expect(ledger.firstNotOffered(0, 10)).toBe(2);
});

it('leaves no file behind', async () => {
  const ledger = await Ledger.open(10);
  const file = ledger.bookFor('producer');
  (await Book.open(file)).close();
  expect(existsSync(file)).toBe(true);
  await ledger[Symbol.asyncDispose]();
  expect(existsSync(path.dirname(file))).toBe(false);
});
