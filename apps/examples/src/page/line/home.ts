import type { WorkerContext } from '@millrace/core';

import { nextTurn, pause } from '../../shared/pause.js';
import { Ledger } from '../ledger/ledger.js';
import { race } from '../race/race.js';
import type { ChannelName } from './channel.js';
import type { Made, Worked } from './item.js';
import { Line, type Watcher } from './line.js';
import type { Audit, Command, Seen } from './messages.js';
import type { Place } from './place.js';
import type { Settings } from './settings.js';

/** How often, in ms, the page is told of the queue, at the most of anything, and how often the ledger is checked. */
const SAMPLE = 100;
const TELL = 40;
const AUDIT = 1000;

/**
 * Where the line has its home: a worker of its own, so that no item ever passes through the page's main thread. It starts the
 * others, and tells the page what there is to be seen.
 */
export default async function home(
  args: { readonly settings: Settings },
  { channel, signal }: WorkerContext,
) {
  const told: Seen[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (seen: Seen): void => {
    told.push(seen);
    timer ??= setTimeout(() => {
      timer = undefined;
      channel.post(told.splice(0));
    }, TELL);
  };
  let paused = false;
  let measuring = false;
  let shown = new Shown(args.settings, tell);
  /** One after the other, and nothing else goes on meanwhile. */
  const measure = async (channels: readonly ChannelName[]): Promise<void> => {
    if (measuring) return;
    measuring = true;
    shown.line.pause(true);
    for (const name of channels) tell({ kind: 'rate', channel: name, rate: 'measuring …' });
    for (const name of channels) {
      const rate = await race(name).catch((error: unknown) => {
        console.error(error);
        return 'failed' as const;
      });
      tell({ kind: 'rate', channel: name, rate });
    }
    measuring = false;
    shown.line.pause(paused);
  };
  channel.listen((message) => {
    const command = message as Command;
    if (command.kind === 'settings' && !shown.line.tune(command.settings)) {
      shown.close();
      shown = new Shown(command.settings, tell);
      shown.line.pause(paused || measuring);
    } else if (command.kind === 'pause') {
      ({ paused } = command);
      shown.line.pause(paused || measuring);
    } else if (command.kind === 'measure') void measure(command.channels);
    else if (command.kind === 'ready') shown.ready(command.ready).catch(() => undefined);
    else if (command.kind === 'crash' && !shown.line.crash(command.role, command.index))
      tell({ kind: 'spared', role: command.role });
  });
  while (!signal.aborted) {
    await pause(SAMPLE, signal);
    await shown.sample();
  }
  shown.close();
}

/** A line, with the ledger of its items. */
class Shown {
  readonly line: Line;
  private readonly tell: (seen: Seen) => void;
  private readonly ledger = new Ledger();
  private audit: Audit = { judged: 0, lost: 0 };
  private open = true;

  constructor(settings: Settings, tell: (seen: Seen) => void) {
    this.tell = (seen) => {
      if (this.open) tell(seen);
    };
    this.tell({ kind: 'opened', settings });
    this.line = new Line(settings, this.watcher());
    // These end with the line.
    this.line.queue.setReady().catch(() => undefined);
    this.keepChecking().catch(() => undefined);
  }

  close(): void {
    this.open = false;
    void this.line.close();
  }

  async ready(ready: boolean): Promise<void> {
    const { queue } = this.line;
    let discarded = 0;
    if (ready) await queue.setReady();
    else discarded = await queue.setNotReady();
    this.tell({ kind: 'ready', ready, discarded });
  }

  async sample(): Promise<void> {
    // It may be closed meanwhile.
    const stats = await this.line.queue.stats().catch(() => undefined);
    if (stats === undefined) return;
    this.tell({ kind: 'stats', stats, waiting: this.ledger.takeWaiting(), audit: this.audit });
  }

  private watcher(): Watcher {
    const { ledger, tell } = this;
    const made = new Map<number, Made>();
    const worked = new Map<string, Worked>();
    return {
      changed: ({ role, index, state }) => {
        tell({ kind: 'place', role, index, state });
      },
      made: ({ index }, maker, now) => {
        const { accepted, refused } = made.get(maker) ?? { accepted: 0, refused: 0 };
        made.set(maker, now);
        ledger.made(maker, now);
        tell({
          kind: 'made',
          index,
          accepted: now.accepted - accepted,
          refused: now.refused - refused,
          blocked: now.blocked,
        });
      },
      worked: (place: Place, now) => {
        const { index, turn } = place;
        const run = `${String(index)} ${String(turn)}`;
        const { took, settled, redelivered } = worked.get(run) ?? {
          took: 0,
          settled: 0,
          redelivered: 0,
        };
        worked.set(run, now);
        tell({
          kind: 'worked',
          index,
          took: now.took - took,
          again: now.redelivered - redelivered,
          settled: now.settled - settled,
          inHand: now.inHand,
        });
      },
      receipt: (receipt) => {
        ledger.receipt(receipt);
      },
      lost: (role, index, returned) => {
        tell({ kind: 'lost', role, index, returned });
      },
    };
  }

  /**
   * Finds out, again and again, whether anything was lost: what producers say that they put is, once the queue says that it
   * is settled, in the consumers' receipts; or else it was dropped.
   */
  private async keepChecking(): Promise<void> {
    const { ledger, line } = this;
    while (this.open) {
      await pause(AUDIT);
      const marked = ledger.mark();
      await line.queue.join();
      // The receipts are here; they have to be read.
      await nextTurn();
      const { dropped, cleared, dead } = await line.queue.stats();
      const missing = ledger.judge(marked);
      const judged = [...marked.values()].reduce((sum, { offered }) => sum + offered, 0);
      this.audit = { judged, lost: Math.max(0, missing - dropped - cleared - dead) };
    }
  }
}
