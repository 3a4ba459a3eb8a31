// Reads items that were damaged at random: it may find any of them unreadable, and do nothing else.
import { Items } from '../../../dist/testing.js';

const [seed, runs] = process.argv.slice(2).map(Number);
let state = seed;
const below = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};

const items = new Items();
const shared = { n: 1 };
const cycle = [shared];
cycle.push(cycle, shared);
const buffer = new ArrayBuffer(8);
const growing = new ArrayBuffer(16, { maxByteLength: 64 });
const written = [
  { id: 1, ts: 1.7e12, text: 'x'.repeat(50), list: [1, -1, 300, 1e9, 0.5] },
  new Map([[{ a: 1 }, new Set([1, 'b'])]]),
  [new Date(0), new Date(NaN), /a.b/giu, 2n ** 100n, -1n, Object(1), Object('s'), Object(1n), Object(false), undefined, null, true],
  new TypeError('e', { cause: Object.assign(new Error('c'), { code: 'E' }) }),
  [new Uint8Array(3), new Float64Array(2), new DataView(buffer, 2, 4), buffer, new Uint16Array(buffer)],
  [growing, new Uint8Array(growing)],
  cycle,
  Object.assign(new Array(2), { a: 2 }),
  '\ud800慡'.repeat(5),
  new Array(300).fill(-0),
  JSON.parse('{"__proto__": {"a": 1}, "5": 1}'),
].map((value) => Buffer.from(items.encode(value, below(4) === 0 ? { a: 'b' } : undefined)));
// Each word that V8 has, for data or not.
const words = Buffer.from('\0?_0TFIUNZzS"c^o{a@A$DyxnsR;:\',B~V\\rtuwmp-', 'latin1');

function damaged() {
  let bytes = Buffer.from(written[below(written.length)]);
  for (let changes = 1 + below(5); changes > 0; changes--) {
    const at = 1 + below(bytes.length - 1);
    const before = bytes.subarray(0, at);
    const other = written[below(written.length)];
    const part = below(other.length);
    const kinds = [
      () => Buffer.concat([before, Buffer.from([below(256)]), bytes.subarray(at + 1)]),
      () => Buffer.concat([before, Buffer.from([words[below(words.length)]]), bytes.subarray(at + 1)]),
      () => Buffer.concat([before, Buffer.from([words[below(words.length)], below(256), below(256), below(256), below(128)]), bytes.subarray(at)]),
      () => Buffer.concat([before, bytes.subarray(at + 1 + below(4)), Buffer.alloc(1)]),
      () => Buffer.concat([before, other.subarray(part, part + below(20)), bytes.subarray(at)]),
    ];
    bytes = kinds[below(kinds.length)]();
  }
  return bytes;
}

const counts = { read: 0, unreadable: 0 };
for (let i = 0; i < runs; i++) {
  const bytes = damaged();
  try {
    items.decode(bytes);
    counts.read++;
  } catch (error) {
    if (error.code !== 'VALUE_UNREADABLE') throw new Error(bytes.toString('hex'), { cause: error });
    counts.unreadable++;
  }
}
console.log(JSON.stringify(counts));
