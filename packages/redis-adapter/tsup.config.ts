import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/testing.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  tsconfig: 'tsconfig.src.json',
  dts: { compilerOptions: { composite: false } },
  sourcemap: true,
  splitting: true,
  clean: true,
  // The scripts that Redis runs are part of the bundle.
  loader: { '.lua': 'text' },
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
