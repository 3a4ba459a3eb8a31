import { browserWorkers } from '@millrace/browser-adapter/ports';
import { defineWorker, type QueueStats, type WorkerHandle } from '@millrace/core';

import { Activity, Rate } from './activity.js';
import type { Command, Seen } from './line/messages.js';
import type { Role } from './line/place.js';
import type { Settings } from './line/settings.js';
import { showLedger, showRate, showTasks, write } from './panel/figures.js';
import { say } from './panel/log.js';
import { figure } from './panel/numbers.js';
import type { Plots } from './panel/plots.js';
import type { Palette } from './stage/palette.js';
import { Stage } from './stage/stage.js';

const homeWorker = defineWorker(
  () => import('./line/home.js'),
  () => new Worker(new URL('./line/home.worker.js', import.meta.url), { type: 'module' }),
);

/** Every how many samples the plots and the workers' figures move on. */
const SHOW_EVERY = 3;

interface Around {
  readonly palette: Palette;
  readonly plots: Plots;
  /** A new queue was opened, that takes items. */
  opened(): void;
}

/** What is to be seen of the line, whose home is a worker. */
export class Show {
  private readonly around: Around;
  private readonly stage: Stage;
  private readonly home: WorkerHandle<unknown>;
  private settings: Settings;
  private activities: Record<Role, Activity[]> = { producer: [], consumer: [] };
  private rates = { put: new Rate(), settled: new Rate() };
  private last: QueueStats | undefined;
  private samples = 0;
  /** Items that were delivered again since the latest crash: undefined before the first. */
  private again: number | undefined;

  constructor(settings: Settings, around: Around) {
    this.settings = settings;
    this.around = around;
    this.stage = new Stage(around.palette, settings.capacity, (role, index) => {
      this.tell({ kind: 'crash', role, index });
    });
    this.home = browserWorkers().start(homeWorker, { settings }, { name: 'home' });
    this.home.channel.listen((message) => {
      for (const seen of message as readonly Seen[]) this.see(seen);
      this.stage.invalidate();
    });
    void this.home.exit.then((exit) => {
      if (exit.status === 'failed') console.error(exit.error);
    });
  }

  tell(command: Command): void {
    this.home.channel.post(command);
  }

  /** The theme is another one now. */
  redraw(): void {
    this.stage.invalidate();
  }

  private see(seen: Seen): void {
    switch (seen.kind) {
      case 'opened':
        this.opened(seen.settings);
        return;
      case 'place':
        this.stage.update(seen.role, seen.index, seen.state);
        if (seen.state !== 'working') this.activity(seen.role, seen.index).blocked = false;
        return;
      case 'made':
        this.made(seen);
        return;
      case 'worked':
        this.worked(seen);
        return;
      case 'lost':
        this.lost(seen);
        return;
      case 'spared':
        say(`No ${seen.role} works at the moment: one is just starting.`);
        return;
      case 'ready':
        this.stage.ready = seen.ready;
        if (seen.ready) say('Ready: the queue takes items again.');
        else
          say(`Not ready: ${items(seen.discarded)} that waited, discarded; nothing is taken in.`);
        return;
      case 'rate':
        showRate(seen.channel, seen.rate);
        return;
      case 'stats':
        this.sample(seen);
    }
  }

  private opened(settings: Settings): void {
    if (this.last !== undefined)
      say(
        `A new queue over ${ways[settings.channel]}: room for ${figure(settings.capacity)}; when it is full, ${full[settings.overflow]}.`,
      );
    this.settings = settings;
    this.activities = { producer: [], consumer: [] };
    this.rates = { put: new Rate(), settled: new Rate() };
    this.last = this.again = undefined;
    this.stage.renew(settings.capacity);
    this.around.plots.clear();
    this.around.opened();
  }

  private made({ index, accepted, refused, blocked }: Extract<Seen, { kind: 'made' }>): void {
    const now = performance.now();
    const activity = this.activity('producer', index);
    activity.rate.total += accepted;
    activity.blocked = blocked;
    this.stage.flow.accepted(now, index, accepted);
    this.stage.flow.refused(now, index, refused);
  }

  private worked({ index, took, again, settled, inHand }: Extract<Seen, { kind: 'worked' }>): void {
    const now = performance.now();
    const activity = this.activity('consumer', index);
    activity.rate.total += settled;
    activity.inHand = inHand;
    this.stage.flow.took(now, index, took - again, false);
    this.stage.flow.took(now, index, again, true);
    if (this.again === undefined || again === 0) return;
    this.again += again;
    say(`${items(this.again)} delivered again, and marked so.`, 'again');
  }

  private lost({ role, index, returned }: Extract<Seen, { kind: 'lost' }>): void {
    this.activity(role, index).inHand = 0;
    const who = `${role === 'producer' ? 'Producer' : 'Consumer'} ${String(index + 1)}`;
    if (role === 'producer') {
      say(`${who} crashed. What it had put is in the queue all the same.`);
      return;
    }
    this.again = 0;
    this.stage.flow.gaveBack(performance.now(), index, returned);
    say(`${who} crashed. ${items(returned)} it held went back to the queue.`);
  }

  private activity(role: Role, index: number): Activity {
    return (this.activities[role][index] ??= new Activity());
  }

  private sample({ stats, waiting, audit }: Extract<Seen, { kind: 'stats' }>): void {
    const { rates, stage } = this;
    const now = performance.now();
    const dropped = gone(stats) - (this.last === undefined ? 0 : gone(this.last));
    if (this.settings.overflow === 'drop-newest') stage.flow.refused(now, 0, dropped);
    else stage.flow.dropped(now, dropped);
    if (stats.size !== this.last?.size) stage.flow.size(now, stats.size);
    this.last = stats;
    this.around.plots.drawNext();
    if (this.samples++ % SHOW_EVERY !== 0) return;
    rates.put.total = stats.put;
    rates.settled.total = stats.acked;
    this.around.plots.add(now / 1000, [
      [stats.size, stats.inHand],
      [rates.put.at(now), rates.settled.at(now)],
      [waiting.mean, waiting.longest],
    ]);
    showLedger(stats, audit);
    showTasks();
    this.describe(stats);
    for (const role of ['producer', 'consumer'] as const)
      stage.show(role, (index) => {
        const { rate, blocked, inHand } = this.activity(role, index);
        return { rate: rate.at(now), blocked, inHand };
      });
  }

  /** In words: how full the queue is, and what that means. */
  private describe({ size }: QueueStats): void {
    const { capacity, overflow } = this.settings;
    const { perDot, perSlot } = this.stage.flow;
    const isFull = size >= capacity * 0.95;
    write('fill', `${figure(size)} of ${figure(capacity)}`);
    const strained = !this.stage.ready
      ? 'not ready: takes nothing'
      : isFull
        ? `full: ${full[overflow]}`
        : undefined;
    write('situation', strained ?? (size === 0 ? 'empty: consumers wait' : ''));
    document.getElementById('situation')!.classList.toggle('strained', strained !== undefined);
    const dot = perDot === 1 ? 'A dot is an item' : `A dot is ${figure(perDot)} items`;
    const slot = perSlot === 1 ? '' : `, a slot has room for ${figure(perSlot)}`;
    write('legend', `${dot}${slot}. Press a worker to crash it.`);
  }
}

const ways = { ports: 'message ports', 'shared-memory': 'shared memory' } as const;

const full = {
  wait: 'producers wait',
  'drop-oldest': 'the oldest is dropped',
  'drop-newest': 'the newest is dropped',
} as const;

function gone({ dropped, cleared }: QueueStats): number {
  return dropped + cleared;
}

function items(count: number): string {
  return `${figure(count)} ${count === 1 ? 'item' : 'items'}`;
}
