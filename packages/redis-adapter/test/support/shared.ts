// Servers that all test files of a run share, started when the first of them asks. Vitest runs the files in
// processes of their own, so the main process keeps the servers and hands out their ports over HTTP.

import { once } from 'node:events';
import http from 'node:http';
import { inject } from 'vitest';

import { call, type Reply } from './resp.ts';
import { type ServerBinary, serversAtHand } from './servers/binaries.ts';
import { startCluster } from './servers/cluster.ts';
import { startServer } from './servers/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port at which the main process hands out shared servers. */
    sharedServersPort: number;
  }
}

/** A server that others use as well: keep to keys of your own, change no setting, kill nothing. */
export interface SharedServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  call(...command: (string | number)[]): Promise<Reply>;
}

export interface SharedCluster {
  readonly nodes: readonly SharedServer[];
  readonly urls: readonly string[];
}

/** The one server of that kind that all tests share. It is empty at the start of a run and writes nothing to disk. */
export async function sharedServer(
  binary: ServerBinary = serversAtHand()[0]!,
): Promise<SharedServer> {
  const [port] = await ask('server', binary);
  return at(port!);
}

/** The one cluster of three masters that all tests share. */
export async function sharedCluster(
  binary: ServerBinary = serversAtHand()[0]!,
): Promise<SharedCluster> {
  const nodes = (await ask('cluster', binary)).map(at);
  return { nodes, urls: nodes.map(({ url }) => url) };
}

function at(port: number): SharedServer {
  return {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    call: (...command) => call({ port }, ...command),
  };
}

async function ask(what: string, { path }: ServerBinary): Promise<number[]> {
  const query = new URLSearchParams({ what, path }).toString();
  const answer = await fetch(`http://127.0.0.1:${inject('sharedServersPort')}/?${query}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text.split(' ').map(Number);
}

interface Kept {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Hands out shared servers until it is stopped. */
export async function keepServers(): Promise<{ port: number; stop(): Promise<void> }> {
  const kept = new Map<string, Promise<Kept>>();
  const desk = http.createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [what, path] = [searchParams.get('what'), searchParams.get('path')];
    const binary = serversAtHand().find((one) => one.path === path);
    const key = `${what ?? ''} ${path ?? ''}`;
    let one = kept.get(key);
    if (one === undefined) {
      one = what === 'cluster' ? cluster(binary) : server(binary);
      kept.set(key, one);
    }
    one.then(
      ({ ports }) => response.end(ports.join(' ')),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  desk.listen(0, '127.0.0.1');
  await once(desk, 'listening');
  const address = desk.address();
  if (typeof address !== 'object' || address === null) throw new Error('no TCP address');
  const stop = async () => {
    desk.closeAllConnections();
    desk.close();
    // What did not start has left nothing to stop.
    const stopping = [...kept.values()].map((one) =>
      one.then(
        ({ stop: end }) => end(),
        () => {},
      ),
    );
    await Promise.all(stopping);
  };
  return { port: address.port, stop };
}

async function server(binary: ServerBinary | undefined): Promise<Kept> {
  const one = await startServer(binary === undefined ? {} : { binary });
  return { ports: [one.port], stop: () => one.stop() };
}

async function cluster(binary: ServerBinary | undefined): Promise<Kept> {
  const one = await startCluster(binary === undefined ? {} : { binary });
  return { ports: one.masters.map(({ port }) => port), stop: () => one.stop() };
}
