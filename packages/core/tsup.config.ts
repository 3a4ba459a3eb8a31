import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/channels/index.ts', 'src/testing/index.ts'],
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
