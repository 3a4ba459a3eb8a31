import { defineConfig, type Options } from 'tsup';

const common: Options = {
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  tsconfig: 'tsconfig.src.json',
  sourcemap: true,
  esbuildOptions(options) {
    options.outbase = 'src';
  },
};

const entries = ['src/index.ts', 'src/channels/index.ts', 'src/testing/index.ts'];

export default defineConfig([
  // For Node, few files: each thread loads them anew when it starts.
  {
    ...common,
    // The modules of the workers that are tested are files that a new thread loads, so they must stay files of their own.
    entry: [...entries, 'src/testing/workers/modules/*.ts'],
    outDir: 'dist',
    dts: {
      entry: entries,
      compilerOptions: { composite: false },
      // They name Symbol.asyncDispose, which not every user's `lib` has.
      banner: '/// <reference lib="esnext.disposable" />',
    },
    splitting: true,
    // The other build writes there at the same time.
    clean: ['!modules/**'],
  },
  // For bundlers, a file for each module: an app's has only those that it uses.
  {
    ...common,
    entry: ['src/**/*.ts', '!src/**/*.d.ts'],
    outDir: 'dist/modules',
    bundle: false,
    clean: true,
  },
]);
