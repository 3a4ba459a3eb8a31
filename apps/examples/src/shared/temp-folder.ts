import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of this program's own, which is gone when it is removed, or when the process ends by itself or by a signal. */
export class TempFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'millrace-example-'));
  private readonly atExit = (): void => {
    // Threads of this process that have not ended yet may still write into it.
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  };

  constructor() {
    process.on('exit', this.atExit);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.atExit);
    this.atExit();
  }
}
