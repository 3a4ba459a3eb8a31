import { setImmediate } from 'node:timers/promises';

import { finish } from '../machine.ts';
import type { Program } from '../program.ts';
import { type Explored, PAGES } from '../run.ts';
import type { Script } from '../script.ts';
import type { Words } from '../shared.ts';
import { Cast } from './cast.ts';
import { Replay } from './replay.ts';

/** Real threads, on which schedules are had again that were found in one. */
export class Stage {
  private readonly cast: Cast;
  private readonly shared: Explored;
  private memory: Words | undefined;

  constructor(program: Program) {
    this.cast = new Cast(program);
    this.shared = program.exports as unknown as Explored;
  }

  /** Throws what the judge finds, or that real threads went another way. */
  async play(script: Script): Promise<void> {
    const { shared } = this;
    // As it is for users.
    const s = (this.memory ??= finish(shared.Words.create(PAGES)));
    // The threads' ends, and whoever else is here, are heard between two schedules.
    await setImmediate();
    try {
      await new Replay(this.cast, shared, s, script).play();
    } catch (error) {
      // They are in the midst of it.
      this.memory = undefined;
      await this.cast.dismiss();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.cast.dismiss();
  }
}
