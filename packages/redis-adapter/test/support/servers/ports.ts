// Ports that are ours to keep across a restart. The system lends ports from 32768 on to anybody's outgoing
// connections, so one from there may be gone by the time a server comes back to it. These lie below, and
// so do the ports of a cluster's bus, which are 10,000 higher.

import net from 'node:net';

const LOWEST = 10_000;
const HIGHEST = 21_999;
export const BUS_OFFSET = 10_000;

/** Never the same one twice within a process, nor likely so among processes. */
const used = new Set<number>();

/** A port on which nobody listens just now, nor on the one for its bus. Another process may still be quicker. */
export async function pickPort(): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (used.has(port)) continue;
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) {
      used.add(port);
      return port;
    }
  }
  throw new Error(`no free port from ${LOWEST} to ${HIGHEST}`);
}

/** Lets `pickPort` hand it out again. */
export function returnPort(port: number): void {
  used.delete(port);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
