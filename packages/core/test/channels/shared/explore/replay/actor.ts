import type * as driver from '../driver.ts';
import type { Host } from '../host-driver.ts';
import type { Job, Source, Thread } from '../machine.ts';
import type { Program } from '../program.ts';
import type { Explored } from '../run.ts';
import type { Message, World } from '../shared.ts';
import type { Control } from './control.ts';
import type { Part, Report } from './parts.ts';
import { RealMachine } from './real-machine.ts';

/**
 * An endpoint or the host in one schedule, on a thread of its own. What comes for it waits until the schedule says that it is
 * its turn.
 */
export class Actor implements World {
  readonly runtime = Object.freeze({ now: () => 0 });
  readonly machine: RealMachine;
  readonly thread: Thread;
  /** What the ledger has not been told yet. */
  private said: Report[] = [];
  private readonly part: Part;
  private readonly kindOfKeep: number;
  private readonly endpoint: driver.Putter | driver.Taker | undefined;
  private readonly host: Host | undefined;
  private readonly arrivals = new Map<Source, Job[]>();
  private awaited: { readonly source: Source; readonly resolve: (job: Job) => void } | undefined;
  private begun = 0;
  private done = false;
  private closed = false;
  private cleared = 0;

  constructor(program: Program, part: Part, control: Control, place: number) {
    this.part = part;
    const { scenario, index, holder, memory, pages, ports } = part;
    const shared = program.exports as unknown as Explored;
    this.kindOfKeep = shared.TO_HOST.KEEP;
    this.machine = new RealMachine(control, place, shared.LOCK, (source, job) => {
      this.arrive(source, job);
    });
    program.machine = this.machine;
    this.thread = this.machine.addThread(String(index), holder);
    const s = new shared.Words(memory, pages);
    const { producers, consumers } = scenario;
    const putter = producers[index];
    const taker = consumers[index - producers.length];
    if (putter !== undefined) this.endpoint = new shared.Putter(shared, s, index, this, putter);
    else if (taker !== undefined) this.endpoint = new shared.Taker(shared, s, index, this, taker);
    else this.host = new shared.Host(shared, s, this);
    for (const [from, port] of ports) {
      this.host?.known.add(from);
      port.on('message', (message: Message) => {
        this.arrive(`from ${from}`, () =>
          this.endpoint === undefined
            ? this.host?.hear(from, message)
            : this.endpoint.hear(message),
        );
      });
    }
  }

  /** The job that the schedule says is next: here, or when it has come. */
  next(): Job | Promise<Job> {
    const source = this.part.jobs[this.begun++];
    if (source === undefined) throw new Error('The schedule has no more jobs for this thread.');
    const job = this.told(source) ?? this.arrivals.get(source)?.shift();
    return job ?? new Promise((resolve) => (this.awaited = { source, resolve }));
  }

  /** What it was told at first needs no message. */
  private told(source: Source): Job | undefined {
    const { endpoint, host } = this;
    switch (source) {
      case 'start':
        return () => (endpoint ?? host)?.start();
      case 'begin':
        return () => endpoint?.begin();
      case 'close':
        return () => (endpoint ?? host)?.close();
      case 'clear':
        return () => host?.clear();
      default:
        return undefined;
    }
  }

  private arrive(source: Source, job: Job): void {
    const { awaited } = this;
    if (awaited?.source === source) {
      this.awaited = undefined;
      awaited.resolve(job);
      return;
    }
    const jobs = this.arrivals.get(source) ?? [];
    this.arrivals.set(source, jobs);
    jobs.push(job);
  }

  /** An endpoint's thread has ended. */
  lost(slot: number): void {
    this.arrive(`lose ${slot}`, () => this.host?.lose(slot));
  }

  /** What there is to tell since the last time. */
  reports(): readonly Report[] {
    const { endpoint, host, said } = this;
    if (endpoint !== undefined) {
      if ('done' in endpoint && endpoint.done !== this.done)
        said.push(['done', (this.done = endpoint.done)]);
      if (endpoint.closed !== this.closed) said.push(['closed', (this.closed = endpoint.closed)]);
    }
    if (host !== undefined && host.cleared !== this.cleared)
      said.push(['cleared', (this.cleared = host.cleared)]);
    this.said = [];
    return said;
  }

  /** Answers what has come and was not in the schedule. */
  end(): Source[] {
    this.machine.over = true;
    for (const port of this.part.ports.values()) port.close();
    return [...this.arrivals].flatMap(([source, jobs]) => jobs.map(() => source));
  }

  // --- the world ----------------------------------------------------------------------------------------------------

  toHost(_slot: number, message: Message): void {
    if (message[0] === this.kindOfKeep)
      this.said.push(['keeps', message[1] as number, message[2] as number[]]);
    this.part.ports.get(this.part.host)?.postMessage(message);
  }

  toSlot(slot: number, message: Message): void {
    this.part.ports.get(slot)?.postMessage(message);
  }

  later(_slot: number, job: () => void): void {
    this.arrive(`from ${this.part.index}`, job);
  }

  starts(item: number): void {
    this.said.push(['starts', item]);
  }

  shown(slot: number, item: number, attempt: number): void {
    this.said.push(['shown', slot, item, attempt]);
  }

  acks(item: number): void {
    this.said.push(['acks', item]);
  }

  gives(): void {}

  clears(): void {
    this.said.push(['clears']);
  }
}
