import {
  type ArgsOf,
  type HostArgs,
  MillraceError,
  type QueueBackend,
  type QueueSpec,
  type ResultOf,
  type StartOptions,
  systemRuntime,
  type Transport,
  type TransportManifest,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import { FarHost, Home, HomeQueue } from '@millrace/core/channels';
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
  const homes = new Set<Home>();
  const handles = new Set<WorkerHandle<unknown>>();
  let started = 0;
  let links = 0;
  let closed: MillraceError | undefined;
  const server = createServer((socket) => {
    hello(socket, (id) => {
      const cable = cables.get(id);
      if (cable === undefined) socket.destroy();
      else cable.attach(socket);
    });
  });
  server.listen(place);
  server.unref();
  return Object.freeze({
    name: 'sockets',
    manifest,
    runtime: systemRuntime,

    openQueue(spec: QueueSpec): QueueBackend {
      if (closed !== undefined) throw closed;
      const opened = new Home({ ...spec, clone: true }, systemRuntime);
      opened.far = new FarHost(opened);
      homes.add(opened);
      void opened.whenEnded()?.then(() => homes.delete(opened));
      return new HomeQueue(opened);
    },

    start<Entry extends WorkerFunction<never, unknown>>(
      worker: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      start: StartOptions = {},
    ): WorkerHandle<ResultOf<Entry>> {
      if (closed !== undefined) throw closed;
      const id = start.name ?? `process-${String(started + 1)}`;
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
      handles.add(handle);
      void handle.exit.then(() => handles.delete(handle));
      return handle as WorkerHandle<ResultOf<Entry>>;
    },

    health: () => ({ open: closed === undefined, workers: handles.size, queues: [...homes].map((one) => one.health()) }),

    async close() {
      closed ??= new MillraceError('TRANSPORT_CLOSED', 'The transport sockets was closed.', { transport: 'sockets' });
      const ends = [...handles].map((handle) => handle.terminate());
      for (const one of homes) one.dispose(closed);
      homes.clear();
      await Promise.all(ends);
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
