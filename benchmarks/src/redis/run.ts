import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Told } from './process.js';
import type { Job } from './way.js';

const program = fileURLToPath(new URL('./process.js', import.meta.url));

export type Order = Omit<Job, 'role' | 'first' | 'step' | 'queue'> & { readonly producers: number; readonly consumers: number };
export interface Outcome {
  /** Items per second, from the first that counts to the last. */
  readonly rate: number;
  /** Microseconds between a put and its item's arrival, where they came one by one. */
  readonly latencies: readonly number[];
}

type Done = Extract<Told, { kind: 'done' }>;

let runs = 0;

/** Moves the items from producer processes to consumer processes, and fails if one is missing or comes twice. */
export async function move({ producers, consumers, ...order }: Order): Promise<Outcome> {
  const job = { ...order, queue: `bench-${String(process.pid)}-${String(++runs)}` };
  const processes: Child[] = [];
  const start = (rest: Pick<Job, 'role' | 'first' | 'step'>): Child => {
    const child = new Child({ ...job, warm: Math.floor(job.warm / consumers), ...rest });
    processes.push(child);
    return child;
  };
  try {
    const taking = Array.from({ length: consumers }, () => start({ role: 'consume', first: 0, step: 1 }));
    await Promise.all(taking.map((child) => child.ready));
    const putting = Array.from({ length: producers }, (_, first) => start({ role: 'produce', first, step: producers }));
    await Promise.all([
      ...putting.map((child) => child.exited),
      new Promise<void>((resolve, reject) => {
        for (const child of taking) {
          child.onSeen = () => {
            if (taking.reduce((sum, { seen }) => sum + seen, 0) >= job.items) resolve();
          };
          child.exited.catch(reject);
        }
      }),
    ]);
    for (const child of taking) child.stop();
    await Promise.all(taking.map((child) => child.exited));
    return judge(
      job,
      taking.map((child) => child.done!),
    );
  } finally {
    for (const child of processes) child.kill();
  }
}

function judge({ items, warm }: Pick<Job, 'items' | 'warm'>, done: readonly Done[]): Outcome {
  const seen = Buffer.alloc(Math.ceil(items / 8));
  let count = 0;
  for (const one of done) {
    Buffer.from(one.bits, 'base64').forEach((byte, at) => (seen[at]! |= byte));
    count += one.count;
  }
  let distinct = 0;
  for (let index = 0; index < items; index++) if ((seen[index >> 3]! & (1 << (index & 7))) !== 0) distinct++;
  if (distinct !== items) throw new Error(`${String(items - distinct)} of ${String(items)} items were lost.`);
  if (count !== items) throw new Error(`${String(count - items)} of ${String(items)} items came twice.`);
  const working = done.filter(({ startedAt }) => startedAt > 0);
  const counted = count - warm;
  const ms = Math.max(...done.map(({ endedAt }) => endedAt)) - Math.min(...working.map(({ startedAt }) => startedAt));
  return { rate: (counted / Math.max(ms, 1e-3)) * 1000, latencies: done.flatMap(({ latencies }) => latencies) };
}

class Child {
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  done: Done | undefined;
  seen = 0;
  onSeen: () => void = () => undefined;
  private readonly child: ChildProcess;

  constructor(job: Job & { readonly queue: string }) {
    const child = (this.child = fork(program, [JSON.stringify(job)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    this.exited = new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`${job.way} (${job.role}) ended with ${String(code ?? signal)}.`));
      });
    });
    this.exited.catch(() => undefined);
    this.ready = new Promise((resolve, reject) => {
      this.exited.catch(reject);
      child.on('message', (told: Told) => {
        if (told.kind === 'ready') resolve();
        else {
          this.seen = told.count;
          if (told.kind === 'done') this.done = told;
          this.onSeen();
        }
      });
    });
    this.ready.catch(() => undefined);
  }

  stop(): void {
    if (this.child.connected) this.child.send('stop');
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
