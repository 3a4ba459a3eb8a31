import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'tsup';

const source = fileURLToPath(new URL('site/', import.meta.url));
const built = fileURLToPath(new URL('../../node_modules/.cache/pages/', import.meta.url));

/** What pages say: that they have loaded, or that they were restored and went on as they should. */
export type Word = 'ready' | 'restored' | 'away';

/** The pages that are looked at, served. */
export interface Site {
  readonly url: string;
  /** The next time that a page says so. */
  said(what: Word): Promise<void>;
  /** Files below `held/` come from now on; until then, whoever asks for one waits. */
  release(): void;
  close(): Promise<void>;
}

export async function serveSite(): Promise<Site> {
  await bundle();
  const listeners: { what: string; heard: () => void }[] = [];
  let release!: () => void;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer((request, response) => {
    const [, ...words] = (request.url ?? '').split('/');
    const name = words.pop() ?? '';
    if (words[0] === 'said') {
      for (const listener of listeners.splice(0))
        if (listener.what === name) listener.heard();
        else listeners.push(listener);
      // Of a cached answer nobody would hear here.
      response.setHeader('cache-control', 'no-store').end();
    } else if (words[0] === 'held') void released.then(() => send(response, name));
    else void send(response, name);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    said: (what) =>
      new Promise((heard) => {
        listeners.push({ what, heard });
      }),
    release,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A development server will not do: the connection that it keeps to each page is one that no browser puts away. */
async function bundle(): Promise<void> {
  const site = (file: string): string => path.join(source, file);
  await build({
    config: false,
    entry: {
      page: site('page.ts'),
      tab: site('tab.ts'),
      'relay.worker': site('relay.worker.ts'),
      'fragile.worker': site('fragile.worker.ts'),
      'mortal.worker': site('../../workers/mortal.worker.ts'),
      'tabs.worker': site('../../tabs/tabs.worker.ts'),
    },
    outDir: built,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    noExternal: [/./],
    clean: true,
    silent: true,
  });
}

async function send(response: ServerResponse, name: string): Promise<void> {
  const page = name.endsWith('.html');
  try {
    const text = await readFile(path.join(page ? source : built, name));
    response.setHeader('content-type', page ? 'text/html' : 'text/javascript').end(text);
  } catch {
    response.writeHead(404).end();
  }
}
