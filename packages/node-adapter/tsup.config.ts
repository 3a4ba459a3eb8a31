import { defineConfig } from 'tsup';

export default defineConfig({
  // worker-entry is the file that a new thread loads, so it must stay a file of its own.
  entry: ['src/index.ts', 'src/worker-entry.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  tsconfig: 'tsconfig.src.json',
  dts: { compilerOptions: { composite: false } },
  sourcemap: true,
  splitting: true,
  clean: true,
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
