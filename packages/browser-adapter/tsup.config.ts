import { defineConfig } from 'tsup';

export default defineConfig({
  // worker is a file that a new worker's module imports, so it must stay a file of its own.
  entry: ['src/index.ts', 'src/worker.ts'],
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
