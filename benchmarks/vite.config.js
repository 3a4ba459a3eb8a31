import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

/** @param {string} path */
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The page of suite browser. Its names are kept, for profiles. */
export default defineConfig({
  root: folder('src/page'),
  base: './',
  logLevel: 'warn',
  build: { outDir: folder('dist/page'), emptyOutDir: true, sourcemap: true, minify: false },
  worker: { format: 'es' },
});
