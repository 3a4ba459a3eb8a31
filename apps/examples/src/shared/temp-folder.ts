import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of this program's own, which is gone when it is removed, or when the process ends by itself or by a signal. */
export class TempFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'millrace-example-'));
  private readonly atExit = (): void => {
    // Threads of this process that have not ended yet would go on to make files in it: by another name they do not find it.
    const gone = `${this.path}-gone`;
    if (existsSync(this.path)) renameSync(this.path, gone);
    rmSync(gone, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  };

  constructor() {
    process.on('exit', this.atExit);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.atExit);
    this.atExit();
  }
}
