import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The page that one can watch, and the programs that run in a page: files that any server can serve from any folder. */
export default defineConfig({
  root: file('src/page'),
  base: './',
  logLevel: 'warn',
  build: {
    outDir: file('dist/page'),
    emptyOutDir: true,
    sourcemap: true,
    rolldownOptions: { input: [file('src/page/index.html'), file('src/page/programs/index.html')] },
  },
  worker: { format: 'es' },
});
