import { defineConfig } from 'tsup';

export default defineConfig({
  // A new process loads the entry, and the guard is a thread of it: files of their own. So is what the command runs, for its tests.
  entry: ['src/index.ts', 'src/testing.ts', 'src/processes/index.ts', 'src/processes/entry.ts', 'src/processes/guard.ts', 'src/processes/child.ts', 'src/lease/thread.ts', 'src/cli.ts', 'src/cli/main.ts'],
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
