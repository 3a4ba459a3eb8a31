// One process of a run: a producer or a consumer. Its job is its argument; what it sees goes to its parent.
import { payloadNamed } from '../payloads.js';
import { type Job, ways } from './way.js';

/** What a process tells its parent. Times are on the machine's one clock that never jumps, in ms. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly count: number }
  | {
      readonly kind: 'done';
      readonly count: number;
      /** From when on it counts, and when the last item came. */
      readonly startedAt: number;
      readonly endedAt: number;
      /** Which items came, one bit for each, and how many of them more than once. */
      readonly bits: string;
      readonly twice: number;
      readonly latencies: readonly number[];
    };

const job = JSON.parse(process.argv[2]!) as Job;
const way = await ways[job.way]();
const payload = payloadNamed(job.payload);
const tell = (told: Told): Promise<void> => new Promise((resolve) => process.send!(told, () => resolve()));
/**
 * The machine's clock is the same in all its processes, and a look at `performance.now()` is quicker. Something may come between
 * two looks: the largest difference is the best.
 */
const origin = Math.max(...Array.from({ length: 100 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()));
const now = (): number => origin + performance.now();

/** Nobody waits for it any more. */
const orphaned = (): void => process.exit(1);
process.once('disconnect', orphaned);
if (job.role === 'produce') await produce();
else await consume();
process.off('disconnect', orphaned);
process.disconnect();

async function produce(): Promise<void> {
  let due = performance.now();
  const pause = async (): Promise<void> => {
    due += job.pace;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  };
  await way.produce(job, items(), job.pace > 0 ? pause : undefined);
}

function* items(): Iterable<unknown> {
  for (let index = job.first; index < job.items; index += job.step) {
    const item = payload.make(index);
    // The text of an item that comes alone says when it left.
    yield job.pace > 0 ? { ...(item as object), ts: now() } : item;
  }
}

async function consume(): Promise<void> {
  const seen = new Uint8Array(Math.ceil(job.items / 8));
  const latencies: number[] = [];
  let count = 0;
  let twice = 0;
  let told = 0;
  let startedAt = 0;
  let endedAt = 0;
  const stop = new AbortController();
  process.on('message', () => {
    stop.abort();
  });
  const progress = setInterval(() => {
    if (count === told) return;
    told = count;
    void tell({ kind: 'seen', count });
  }, 20);
  const see = (item: unknown): void => {
    const index = payload.indexOf(item);
    if (job.pace > 0) latencies.push((now() - (item as { ts: number }).ts) * 1000);
    endedAt = now();
    if (count === job.warm) startedAt = endedAt;
    const bit = 1 << (index & 7);
    if ((seen[index >> 3]! & bit) !== 0) twice++;
    seen[index >> 3]! |= bit;
    count++;
  };
  await way.consume(job, see, stop.signal, () => void tell({ kind: 'ready' }));
  clearInterval(progress);
  const bits = Buffer.from(seen).toString('base64');
  await tell({ kind: 'done', count, startedAt, endedAt, bits, twice, latencies });
}
