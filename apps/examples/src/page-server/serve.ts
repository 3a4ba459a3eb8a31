import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { preview } from 'vite';

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** With these a page is cross-origin isolated, and may share memory with its workers. */
const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Where the built page is. */
export const pageFolder = path.join(root, 'dist', 'page');

/**
 * Serves the built page on this machine, on the port given or, with 0, on one that is free.
 *
 * @param isolated - false: as servers do that know nothing of it; the page shares no memory then
 */
export async function servePage(port = 0, isolated = true): Promise<Site> {
  const server = await preview({
    configFile: false,
    logLevel: 'warn',
    appType: 'mpa',
    root,
    build: { outDir: pageFolder },
    preview: {
      host: '127.0.0.1',
      port,
      strictPort: port !== 0,
      headers: isolated ? isolating : {},
    },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The server has no address.');
  return { url, close: () => server.close() };
}
