import { systemRuntime, type Transport, type TransportManifest } from '@millrace/core';
import { hostedTransport } from '@millrace/core/channels';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EndpointHome, type ProcessLimits, startProcess } from '../../dist/processes/index.js';
import { atOnce, Cable } from './socket-links.ts';

export const manifest: TransportManifest = Object.freeze({
  isolation: 'process',
  durable: false,
  confirms: 'batch',
  values: 'clone',
  transfer: false,
  acknowledge: ['on-done', 'on-take'],
  overflow: ['wait', 'drop-oldest', 'drop-newest'],
  gate: true,
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
} as const);

const CHILD = new URL('./socket-child.ts', import.meta.url).href;

interface SocketOptions {
  readonly resourceLimits?: ProcessLimits | undefined;
  /** What the children load in the place of their own side. */
  readonly module?: string | undefined;
}

/** Workers in processes whose queues live in their parent, over sockets: what proves the processes without any server. */
export function socketTransport({ resourceLimits, module = CHILD }: SocketOptions = {}): Transport {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-socket-'));
  const place = path.join(folder, 's');
  const cables = new Map<string, Cable>();
  let started = 0;
  let links = 0;
  const server = createServer((socket) => {
    hello(socket, (id) => {
      const cable = cables.get(id);
      if (cable === undefined) socket.destroy();
      else cable.attach(socket);
    });
  });
  server.listen(place);
  server.unref();
  return hostedTransport({
    name: 'sockets',
    manifest,
    runtime: systemRuntime,
    noun: 'process',
    start(id, worker, args, start) {
      // Restarted workers have the same name.
      const key = `${id}#${String(++started)}`;
      const cable = new Cable(atOnce);
      const home: EndpointHome = {
        departure: (name) => ({
          worker: name,
          local: false,
          open: () => {
            const link = ++links;
            return { link: cable.open(link), far: { link } };
          },
        }),
        known: () => Promise.resolve(),
        lost: () => {
          cable.end();
          cables.delete(key);
        },
      };
      const handle = startProcess({
        id,
        worker,
        args,
        start,
        runtime: systemRuntime,
        home,
        child: { module, data: { path: place, worker: key } },
        resourceLimits,
      });
      cables.set(key, cable);
      return handle;
    },
    async closed() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** Whose socket it is: its first line. */
function hello(socket: Socket, then: (id: string) => void): void {
  let text = Buffer.alloc(0);
  const hear = (chunk: Buffer): void => {
    text = Buffer.concat([text, chunk]);
    const end = text.indexOf(10);
    if (end < 0) return;
    socket.off('data', hear);
    socket.pause();
    const rest = text.subarray(end + 1);
    then(text.subarray(0, end).toString());
    if (rest.length > 0) socket.unshift(rest);
    socket.resume();
  };
  socket.on('data', hear);
}
