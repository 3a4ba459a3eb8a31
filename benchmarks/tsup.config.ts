import { defineConfig } from 'tsup';

export default defineConfig({
  // One output file for each source file: worker files are loaded by their URL.
  // What runs in the page is built by Vite.
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/*.d.ts', '!src/page/**'],
  bundle: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  tsconfig: 'tsconfig.src.json',
  dts: false,
  sourcemap: true,
  clean: true,
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
