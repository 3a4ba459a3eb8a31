// What is to be seen on the page, and what its ledger finds, without a page.
import { expect, it } from 'vitest';

import { Intervals } from '../src/page/ledger/intervals.js';
import { Ledger } from '../src/page/ledger/ledger.js';
import { FLIGHT, Flow, rounded } from '../src/page/stage/flow.js';

const nothing = { kind: 'made', accepted: 0, refused: 0, blocked: false } as const;
const receipt = (...runs: number[]) => ({ runs, items: 1, waited: 10, longest: 10 });

it('an item flies to the queue, waits there, and flies to its consumer', () => {
  const flow = new Flow(16, false);
  flow.accepted(0, 2, 1);
  flow.size(0, 1);
  flow.advance(1);
  expect(flow.dots).toMatchObject([{ from: 'producer', to: 'queue', index: 2 }]);
  expect(flow.cells).toHaveLength(0);
  flow.advance(FLIGHT + 1);
  expect(flow.dots).toHaveLength(0);
  expect(flow.cells).toHaveLength(1);
  flow.took(FLIGHT + 1, 0, 1, true);
  flow.size(FLIGHT + 1, 0);
  flow.advance(2 * FLIGHT + 2);
  expect(flow.dots).toMatchObject([{ from: 'queue', to: 'consumer', index: 0, again: true }]);
  expect(flow.cells).toHaveLength(0);
  flow.advance(3 * FLIGHT + 3);
  expect(flow.busy).toBe(false);
});

it('a dot stands for many when many flow, and what is seen stays small', () => {
  const flow = new Flow(4096, false);
  expect(flow.slots).toBeLessThanOrEqual(128);
  for (let now = 0; now < 3000; now += 50) {
    flow.accepted(now, 0, 2500);
    flow.size(now, 4096);
    flow.advance(now);
    expect(flow.dots.length).toBeLessThan(300);
  }
  expect(flow.perDot).toBeGreaterThanOrEqual(500);
  expect(flow.cells).toHaveLength(flow.slots);
});

it('nothing flies for people who do not want things to move', () => {
  const flow = new Flow(16, true);
  flow.accepted(0, 0, 5);
  flow.took(0, 0, 2, false);
  flow.gaveBack(0, 0, 2);
  flow.size(0, 3);
  flow.advance(1);
  expect(flow.dots).toHaveLength(0);
  expect(flow.busy).toBe(false);
  expect(flow.cells).toHaveLength(3);
});

it('counts in steps that people read easily', () => {
  expect([0, 1, 1.1, 3, 10, 32, 499, 5001].map(rounded)).toEqual([1, 1, 2, 5, 10, 50, 500, 10_000]);
});

it('a set of numbers joins what touches', () => {
  const set = new Intervals();
  set.add(10, 20);
  set.add(0, 5);
  set.add(30, 40);
  expect([set.parts, set.below(15), set.below(100)]).toEqual([3, 10, 25]);
  set.add(5, 10);
  set.add(15, 31);
  expect([set.parts, set.below(100)]).toEqual([1, 40]);
  set.add(3, 7);
  expect(set.below(100)).toBe(40);
});

it('the ledger finds what is missing, and only that', () => {
  const ledger = new Ledger();
  ledger.made(1, { ...nothing, offered: 10 });
  ledger.receipt(receipt(1, 0, 4));
  const marked = ledger.mark();
  // What was put later is not judged yet, and what was delivered twice counts once.
  ledger.made(1, { ...nothing, offered: 20 });
  ledger.receipt(receipt(1, 2, 9));
  expect(ledger.judge(marked)).toBe(1);
  ledger.receipt(receipt(1, 10, 20));
  expect(ledger.judge(ledger.mark())).toBe(1);
  // What the queue did not take is not lost.
  ledger.made(2, { ...nothing, offered: 6, refused: 2 });
  ledger.receipt(receipt(2, 2, 6));
  expect(ledger.judge(ledger.mark())).toBe(1);
  expect(ledger.takeWaiting()).toEqual({ mean: 10, longest: 10 });
});
