import { appendFileSync, closeSync, openSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Which pages were seen and crawled: a file for each, in a folder that all crawlers share, wherever they run. */
export class Visits {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** True for whoever sees the page first, and for nobody else. */
  claim(page: number): boolean {
    try {
      closeSync(openSync(this.fileOf(page), 'wx'));
      return true;
    } catch {
      return false;
    }
  }

  crawled(page: number): void {
    appendFileSync(this.fileOf(page), '.');
  }

  audit(pages: number) {
    const times = readdirSync(this.folder).map((file) => statSync(path.join(this.folder, file)).size);
    const crawled = times.filter((n) => n > 0).length;
    return { crawled, missed: pages - crawled, repeated: times.filter((n) => n > 1).length };
  }

  private fileOf(page: number): string {
    return path.join(this.folder, String(page));
  }
}
