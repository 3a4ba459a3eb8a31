// One run of one server process, from its start to its exit, with what it wrote.

import { type ChildProcess, spawn } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import path from 'node:path';

import type { ServerBinary } from './binaries.ts';
import { PID_FILE } from './guard.ts';

/** Another process was quicker to listen on the port. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunOptions {
  readonly binary: ServerBinary;
  /** Its working directory, a guarded folder. */
  readonly folder: string;
  readonly args: readonly string[];
  /** What it writes once it serves. */
  readonly ready: RegExp;
  /** How long it may take to write that, in ms. */
  readonly timeout: number;
}

/** The pid file is written by the very process that then becomes the server: there is no moment without it. */
const BECOME = `echo $$ > ${PID_FILE} && exec "$@"`;

export class Run {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  #text = '';
  #exit: Exit | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #child: ChildProcess;

  private constructor({ binary, folder, args }: RunOptions) {
    const child = spawn('sh', ['-c', BECOME, 'server', binary.path, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text;
        this.#tell();
      });
    }
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit) => {
        if (this.#exit !== undefined) return;
        this.#exit = exit;
        // Its number may go to another process now, which the guard must not kill.
        try {
          unlinkSync(path.join(folder, PID_FILE));
        } catch {
          // It did not get as far as writing it.
        }
        resolve(exit);
        this.#tell();
      };
      child.on('close', (code, signal) => end({ code, signal }));
      child.on('error', (error) => {
        this.#text += `${error.message}\n`;
        end({ code: null, signal: null });
      });
    });
    this.pid = child.pid ?? -1;
  }

  /** Starts the process and resolves once it serves. It is dead if this rejects. */
  static async start(options: RunOptions): Promise<Run> {
    const run = new Run(options);
    try {
      await run.wrote(options.ready, options.timeout);
      return run;
    } catch (error) {
      await run.kill('SIGKILL');
      throw error;
    }
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves with the first match in what it has written or will write after character `from`. */
  wrote(pattern: RegExp, timeout: number, from = 0): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        act();
      };
      const timer = setTimeout(
        () => settle(() => reject(this.#failure(`wrote no ${String(pattern)} in ${timeout} ms`))),
        timeout,
      );
      const look = () => {
        const match = pattern.exec(this.#text.slice(from));
        if (match !== null) settle(() => resolve(match));
        else if (!this.alive) settle(() => reject(this.#failure('ended')));
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Sends a signal; resolves when the process is gone, or at once for those that do not end it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (!this.alive) return;
    this.#child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.exited;
  }

  #failure(what: string): Error {
    const message = `the server (pid ${this.pid}) ${what}; it wrote:\n${this.#text}`;
    return /already in use/i.test(this.#text) ? new PortTaken(message) : new Error(message);
  }

  #tell(): void {
    for (const look of [...this.#listeners]) look();
  }
}
