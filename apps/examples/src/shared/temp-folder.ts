import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of this program's own, which is gone when it is removed, or when the process ends by itself or by a signal. */
export class TempFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'millrace-example-'));
  private readonly atExit = (): void => {
    rmSync(this.path, { recursive: true, force: true });
  };

  constructor() {
    process.on('exit', this.atExit);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.atExit);
    this.atExit();
  }
}
