import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** A server on a free port of this machine. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function openSite(answer: RequestListener): Promise<Site> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** What makes a page cross-origin isolated. */
const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A folder's files, served as plainly as can be. */
export class FolderSite {
  /** What its page has posted to `report`. */
  report: unknown;
  /** What was asked for that is not there. */
  readonly missing: string[] = [];
  private readonly site: Site;

  static async open(folder: string, isolated: boolean): Promise<FolderSite> {
    const answer: RequestListener = (request, response) => {
      if (isolated)
        for (const [name, value] of Object.entries(isolating)) response.setHeader(name, value);
      const { pathname } = new URL(request.url ?? '', 'http://site');
      const file = path.join(folder, pathname === '/' ? 'index.html' : pathname);
      if (request.method === 'POST' && pathname === '/report') {
        void text(request).then((posted) => {
          opened.report = JSON.parse(posted);
          response.end();
        });
      } else if (existsSync(file) && statSync(file).isFile()) {
        const type = types[path.extname(file)] ?? 'application/octet-stream';
        response.setHeader('Content-Type', type).end(readFileSync(file));
      } else {
        opened.missing.push(pathname);
        response.writeHead(404).end();
      }
    };
    const opened = new FolderSite(await openSite(answer));
    return opened;
  }

  private constructor(site: Site) {
    this.site = site;
  }

  get url(): string {
    return this.site.url;
  }

  close(): Promise<void> {
    return this.site.close();
  }
}
