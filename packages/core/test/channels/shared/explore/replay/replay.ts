import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { Ledger, type Standing } from '../ledger.ts';
import { Found } from '../machine.ts';
import type { Explored } from '../run.ts';
import type { Act, Script } from '../script.ts';
import type { Words } from '../shared.ts';
import type { Cast, Player } from './cast.ts';
import {
  DONE,
  EXPIRED,
  FAILED,
  GRANTED,
  OVER,
  SLEEPS,
  tell,
  TRACE,
  WATCHES,
  wordOf,
} from './control.ts';
import type { Report } from './parts.ts';

/** How long to wait, in ms, for what comes at once: only what never comes is to be noticed. */
const PATIENCE = 20_000;
/** The same where it is known already that it does not come. */
const WAKING = 1000;

/** One schedule on real threads: each goes on when it is its turn, and stands still before its next access else. */
export class Replay implements Standing {
  readonly killed: number[] = [];
  private readonly cast: Cast;
  private readonly shared: Explored;
  private readonly s: Words;
  private readonly script: Script;
  private readonly ledger: Ledger;
  private readonly players: readonly Player[];
  private readonly granted: number[];
  private readonly done = new Set<number>();
  private readonly closed = new Set<number>();
  private hostCleared = 0;
  private closing = false;

  constructor(cast: Cast, shared: Explored, s: Words, script: Script) {
    this.cast = cast;
    this.shared = shared;
    this.s = s;
    this.script = script;
    this.ledger = new Ledger(script.scenario, shared, s, this);
    this.players = cast.take(script.jobs.length);
    this.granted = this.players.map(() => 0);
  }

  async play(): Promise<void> {
    this.s.words.set(this.script.before);
    this.handOut();
    for (const act of this.script.acts) await this.do(act);
    const { after } = this.script;
    if (after === undefined) this.findNobodyWoken();
    if (this.closing) this.ledger.checkEnd();
    else this.ledger.checkRest();
    if (after !== undefined) this.compare(after);
    this.end();
  }

  isDone(slot: number): boolean {
    return this.done.has(slot);
  }

  isClosed(slot: number): boolean {
    return this.closed.has(slot);
  }

  cleared(): number {
    return this.hostCleared;
  }

  private get host(): number {
    return this.players.length - 1;
  }

  private handOut(): void {
    const { scenario, jobs } = this.script;
    const { memory, pages } = this.s;
    const { shared, host } = this;
    const ofHost = new Map<number, MessagePort>();
    for (const [index, player] of this.players.entries()) {
      const ports = new Map<number, MessagePort>();
      if (index === host) for (const [slot, port] of ofHost) ports.set(slot, port);
      else {
        const { port1, port2 } = new MessageChannel();
        ports.set(host, port1);
        ofHost.set(index, port2);
      }
      const holder = index === host ? shared.HOST_HOLDER : shared.holderOf(index + 1);
      player.tell(
        { play: { scenario, index, holder, memory, pages, jobs: jobs[index]!, host, ports } },
        [...ports.values()],
      );
    }
  }

  private async do(act: Act): Promise<void> {
    switch (act.kind) {
      case 'go':
        this.go(act);
        return;
      case 'kill':
        this.killed.push(act.thread);
        await this.cast.kill(this.players[act.thread]!);
        this.players[this.host]!.tell({ lost: act.thread });
        return;
      case 'time out':
        this.timeOut();
        return;
      case 'close':
        this.ledger.checkRest();
        this.closing = true;
    }
  }

  private go({ thread, steps, freed, trace }: Act & { kind: 'go' }): void {
    const { control } = this.cast;
    const { place } = this.players[thread]!;
    const upTo = (this.granted[thread]! += steps);
    tell(control, wordOf(place, GRANTED), upTo);
    if (!this.comes(thread, DONE, (done) => done === upTo))
      throw new Found(`Thread ${String(thread)} does not go on`);
    this.hear(thread);
    if (trace !== undefined && Atomics.load(control, wordOf(place, TRACE)) !== trace)
      throw new Found(`Thread ${String(thread)} did or saw something else than in one thread`);
    if (freed) this.ledger.check();
  }

  /** Nobody but the thread that was let go does anything meanwhile, this one included. */
  private comes(
    thread: number,
    field: number,
    isSo: (value: number) => boolean,
    patience = PATIENCE,
  ): boolean {
    const { control } = this.cast;
    const word = wordOf(this.players[thread]!.place, field);
    const end = Date.now() + patience;
    for (;;) {
      const value = Atomics.load(control, word);
      if (isSo(value)) return true;
      if (field === DONE && value === FAILED) this.hear(thread);
      if (Date.now() > end) return false;
      Atomics.wait(control, word, value, 100);
    }
  }

  private alive(): number[] {
    return [...this.players.keys()].filter((thread) => !this.killed.includes(thread));
  }

  private timeOut(): void {
    const { control } = this.cast;
    for (const thread of this.alive()) {
      const { place } = this.players[thread]!;
      if (Atomics.load(control, wordOf(place, SLEEPS)) === 0) continue;
      Atomics.store(control, wordOf(place, EXPIRED), 1);
      if (!this.comes(thread, SLEEPS, (at) => at === 0))
        throw new Found(`Thread ${String(thread)} sleeps on, though its time is over`);
    }
  }

  private hear(thread: number): void {
    for (const report of this.players[thread]!.heard()) this.note(thread, report);
  }

  private note(slot: number, report: Report): void {
    const { ledger } = this;
    switch (report[0]) {
      case 'keeps':
        ledger.keeps(report[1], report[2]);
        return;
      case 'starts':
        ledger.starts(report[1]);
        return;
      case 'shown':
        ledger.shown(report[1], report[2], report[3]);
        return;
      case 'acks':
        ledger.acks(report[1]);
        return;
      case 'clears':
        ledger.clears();
        return;
      case 'done':
        this.done.add(slot);
        return;
      case 'closed':
        this.closed.add(slot);
        return;
      case 'cleared':
        this.hostCleared = report[1];
        return;
      case 'failed':
        throw new Error(`Thread ${String(slot)}: ${report[1]}`);
    }
  }

  /** A schedule that ended in a finding: it may be that nobody is woken. */
  private findNobodyWoken(): void {
    const { LOCK } = this.shared;
    for (const thread of this.alive()) {
      // Who was woken may not know it yet.
      if (
        this.comes(thread, SLEEPS, (at) => at !== LOCK + 1, WAKING) &&
        this.comes(thread, WATCHES, (since) => since === 0, WAKING)
      )
        continue;
      this.ledger.checkWoken();
      throw new Found('The lock is never freed');
    }
  }

  private compare(after: Int32Array): void {
    const { words } = this.s;
    const at = after.findIndex((value, i) => words[i] !== value);
    if (at >= 0)
      throw new Found(
        `Word ${String(at)} is ${String(words[at])} at the end, and ${String(after[at])} in one thread`,
      );
  }

  /** They are ready for the next one. */
  private end(): void {
    const { control } = this.cast;
    for (const thread of this.alive()) {
      const { place } = this.players[thread]!;
      tell(control, wordOf(place, GRANTED), OVER);
      if (!this.comes(thread, DONE, (done) => done === OVER))
        throw new Found(`Thread ${String(thread)} does not end`);
      Atomics.store(control, wordOf(place, GRANTED), 0);
      Atomics.store(control, wordOf(place, DONE), 0);
      Atomics.store(control, wordOf(place, WATCHES), 0);
    }
    // What listened to the bells is done with.
    const { words } = this.s;
    const { shared } = this;
    for (const at of [
      shared.LOCK,
      shared.HOST_BELL,
      ...this.players.map((_, slot) => shared.SLOTS_AT + slot * shared.SLOT_WORDS + shared.E.BELL),
    ])
      Atomics.notify(words, at);
  }
}
