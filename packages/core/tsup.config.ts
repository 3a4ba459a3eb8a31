import { defineConfig } from 'tsup';

export default defineConfig({
  // The modules of the workers that are tested are files that a new thread loads, so they must stay files of their own.
  entry: ['src/index.ts', 'src/channels/index.ts', 'src/testing/index.ts', 'src/testing/workers/modules/*.ts'],
  format: 'esm',
  platform: 'neutral',
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
