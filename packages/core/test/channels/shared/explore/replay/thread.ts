import { workerData } from 'node:worker_threads';

import { Program } from '../program.ts';
import { Actor } from './actor.ts';
import {
  DONE,
  EXPIRED,
  FAILED,
  GRANTED,
  nextTurn,
  OVER,
  SLEEPS,
  tell,
  TRACE,
  TURN,
  WOKEN,
  wordOf,
} from './control.ts';
import type { Birth, ToThread } from './parts.ts';
import { differs, type Sleep } from './real-machine.ts';

/** What runs on a real thread: one actor after the other, each step by step as it is let go. */

const { code, sleeps, control, place, port } = workerData as Birth;
const program = new Program(code, sleeps);
const granted = wordOf(place, GRANTED);
let actor: Actor | undefined;

port.on('message', (message: ToThread) => {
  if ('lost' in message) actor?.lost(message.lost);
  else {
    actor = new Actor(program, message.play, control, place);
    play(actor).catch((error: unknown) => {
      port.postMessage([
        ['failed', error instanceof Error ? (error.stack ?? error.message) : String(error)],
      ]);
      tell(control, wordOf(place, DONE), FAILED);
    });
  }
});

async function play(playing: Actor): Promise<void> {
  const { machine, thread } = playing;
  for (let done = 0; ;) {
    let upTo = Atomics.load(control, granted);
    while (upTo === done) {
      // In the midst of its code it stands still; else its messages go on coming in, as they do for users.
      if (thread.current === undefined) await differs(control, granted, done);
      else Atomics.wait(control, granted, done);
      upTo = Atomics.load(control, granted);
    }
    if (upTo === OVER) break;
    while (done < upTo) {
      if (thread.current === undefined && thread.micro.length === 0) {
        const next = playing.next();
        machine.enqueue(thread, next instanceof Promise ? await next : next, 0, 'begin');
      }
      machine.step(thread);
      done++;
    }
    const { sleep } = machine;
    machine.sleep = undefined;
    if (sleep !== undefined) {
      Atomics.store(control, wordOf(place, WOKEN), 0);
      Atomics.store(control, wordOf(place, TURN), nextTurn(control));
      Atomics.store(control, wordOf(place, SLEEPS), sleep.at + 1);
    }
    const reports = playing.reports();
    if (reports.length > 0) port.postMessage(reports);
    Atomics.store(control, wordOf(place, TRACE), thread.trace);
    tell(control, wordOf(place, DONE), done);
    if (sleep !== undefined && thread.sleeps !== undefined) thread.sleeps.woken = fallAsleep(sleep);
  }
  const left = playing.end();
  if (left.length > 0) throw new Error(`What came and was not in the schedule: ${left.join(', ')}`);
  tell(control, wordOf(place, DONE), OVER);
}

/** Until it is woken: time passes when the schedule says so. */
function fallAsleep({ words, at, value, timeout }: Sleep): 'ok' | 'timed-out' {
  for (;;) {
    const how = Atomics.wait(words, at, value, timeout);
    // Of several that sleep, another may be meant.
    const woken = how === 'ok' && Atomics.load(control, wordOf(place, WOKEN)) === 1;
    // The word may be another before it sleeps in fact: by the schedule it sleeps already, and is to be woken.
    const late =
      how === 'not-equal' && Atomics.wait(control, wordOf(place, WOKEN), 0, 1) !== 'timed-out';
    const expired = Atomics.exchange(control, wordOf(place, EXPIRED), 0) === 1;
    if (!woken && !late && !expired) continue;
    tell(control, wordOf(place, SLEEPS), 0);
    return expired ? 'timed-out' : 'ok';
  }
}
