import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Whether a process with that number runs. One that has ended, and whose end nobody asked about yet, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (!existsSync('/proc/self/stat')) return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/** The folders of servers that are there now, of this process and of others. */
export function serverFolders(): string[] {
  return readdirSync(os.tmpdir()).filter((name) => name.startsWith('millrace-servers-'));
}
