import { defineConfig } from 'tsup';

export default defineConfig({
  // A file for each module, so that an app's bundler takes only those that it uses.
  entry: ['src/**/*.ts', '!src/**/*.d.ts'],
  bundle: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  tsconfig: 'tsconfig.src.json',
  dts: { entry: ['src/index.ts', 'src/worker.ts', 'src/tabs.ts', 'src/ports.ts'], compilerOptions: { composite: false } },
  sourcemap: true,
  clean: true,
  esbuildOptions(options) {
    options.outbase = 'src';
  },
});
