import { defineConfig } from 'tsup';

export default defineConfig({
  // worker and tabs are files that a new worker's module imports, so they must stay files of their own.
  entry: ['src/index.ts', 'src/worker.ts', 'src/tabs.ts'],
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  tsconfig: 'tsconfig.src.json',
  dts: { compilerOptions: { composite: false } },
  sourcemap: true,
  splitting: true,
  clean: true,
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
