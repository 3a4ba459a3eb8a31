import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bytesForm, Items, packBlock } from '../../src/codec/index.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Bytes outside of the heap that are held on to once nobody uses the rest. */
async function held(): Promise<number> {
  // Some are given back by a finalizer, in a later turn.
  for (let i = 0; i < 3; i++) {
    gc();
    await setImmediate();
  }
  return process.memoryUsage().arrayBuffers;
}

const items = new Items();
const MiB = 1024 * 1024;

describe('memory', () => {
  it.each<[string, unknown]>([
    ['text', 'é'.repeat(20 * MiB)],
    ['bytes', new Uint8Array(40 * MiB)],
    ['many numbers', Array.from({ length: MiB }, (_, i) => i + 0.5)],
    ['what V8 writes', new Map([[1, new Float64Array(5 * MiB)]])],
  ])('of a large value is given back after it was written and read: %s', async (_, value) => {
    const before = await held();
    items.decode(items.encode(value));
    expect((await held()) - before).toBeLessThan(3 * MiB);
  });

  it('of a block is given back though a small value of it is kept', async () => {
    const small = [{ bytes: new Uint8Array(5), text: 'x'.repeat(50) }, new Map([['bytes', new Uint8Array(5)]]), [new Uint16Array(2), new DataView(new ArrayBuffer(8))]];
    const before = await held();
    const kept = small.map((value) => {
      const block = packBlock([items.encode(new Uint8Array(10 * MiB)), items.encode(value)]);
      return bytesForm(items).read([1, 2, 0, 0, block, undefined], 0).values.take(1);
    });
    expect((await held()) - before).toBeLessThan(MiB);
    expect(kept).toEqual(small);
  });
});
