import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

import type { Program } from '../program.ts';
import { strip } from '../transform.ts';
import { type Control, GRANTED, LAST_TURN, newControl, wordOf } from './control.ts';
import type { Birth, Report, ToThread } from './parts.ts';

/** What runs on the threads is compiled here once: a new one is there in some milliseconds. */
const modules = Object.fromEntries(
  ['../machine', '../program', './control', './real-machine', './actor', './thread'].map((file) => {
    const name = path.basename(file);
    return [
      name,
      strip(readFileSync(path.join(import.meta.dirname, `${file}.ts`), 'utf8'), `${name}.ts`),
    ];
  }),
);

/** Loads these modules, in a new thread. */
const BOOT = `
  const { compileFunction } = require('node:vm');
  const { modules } = require('node:worker_threads').workerData;
  const loaded = new Map();
  const load = (specifier) => {
    const name = /([^/]+)\\.ts$/.exec(specifier)?.[1];
    if (name === undefined) return require(specifier);
    if (!loaded.has(name)) {
      const exports = {};
      loaded.set(name, exports);
      compileFunction(modules[name], ['exports', 'require'], { filename: name + '.js' })(exports, load);
    }
    return loaded.get(name);
  };
  load('thread.ts');
`;

/** How often, in ms, a thread that was killed is woken. */
const WAKE = 50;

/** One real thread, as the others see it. */
export class Player {
  readonly place: number;
  private readonly control: Control;
  private readonly worker: Worker;
  private readonly port: MessageChannel['port1'];

  constructor({ code, sleeps }: Program, control: Control, place: number) {
    this.place = place;
    this.control = control;
    // Who sleeps since when is told by numbers of all: they go on, whoever is killed.
    control.fill(0, wordOf(place, 0), wordOf(place, LAST_TURN));
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const birth: Birth = { code, sleeps, control, place, port: port2 };
    this.worker = new Worker(BOOT, {
      eval: true,
      execArgv: [],
      workerData: { ...birth, modules },
      transferList: [port2],
    });
  }

  tell(message: ToThread, transfer: readonly MessageChannel['port1'][] = []): void {
    this.port.postMessage(message, transfer);
  }

  /** What it has said by now. */
  heard(): Report[] {
    const reports: Report[] = [];
    for (;;) {
      const found = receiveMessageOnPort(this.port) as { message: Report[] } | undefined;
      if (found === undefined) return reports;
      reports.push(...found.message);
    }
  }

  /**
   * At once, wherever it is. Resolves when it has ended: a thread that is about to sleep just then may miss it, and sleep on, so
   * that it is woken until it has heard of it.
   */
  async kill(): Promise<void> {
    const ended = once(this.worker, 'exit');
    void this.worker.terminate();
    const again = setInterval(() => {
      Atomics.notify(this.control, wordOf(this.place, GRANTED));
    }, WAKE);
    await ended;
    clearInterval(again);
    this.port.close();
  }
}

/** The threads that play one schedule after the other. */
export class Cast {
  readonly control = newControl();
  readonly program: Program;
  private readonly players: Player[] = [];

  constructor(program: Program) {
    this.program = program;
  }

  take(count: number): Player[] {
    while (this.players.length < count) this.players.push(this.add(this.players.length));
    return this.players.slice(0, count);
  }

  private add(place: number): Player {
    return new Player(this.program, this.control, place);
  }

  /** In its place there is a new one. */
  async kill(player: Player): Promise<void> {
    await player.kill();
    this.players[player.place] = this.add(player.place);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.players.splice(0).map((player) => player.kill()));
  }
}
