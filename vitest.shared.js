import { defineConfig } from 'vitest/config';

/**
 * What the Vitest runs of all packages have in common. A package's own entry points resolve to its
 * `dist` (package self-reference), so tests see what a user would install.
 *
 * @param {string} name the package's short name
 * @param {{ typeTests?: boolean, mayBeEmpty?: boolean, globalSetup?: string, patience?: number }} [options]
 *   `patience`: how long, in ms, a test or a hook may take. Default 60000.
 */
export function packageConfig(
  name,
  { typeTests = false, mayBeEmpty = false, globalSetup, patience = 60_000 } = {},
) {
  const reports = process.env['MILLRACE_TEST_REPORTS'];
  return defineConfig({
    test: {
      name,
      include: ['test/**/*.test.ts'],
      passWithNoTests: mayBeEmpty,
      ...(globalSetup === undefined ? {} : { globalSetup }),
      maxWorkers: 2,
      // However busy the machine: only what hangs is to be ended.
      testTimeout: patience,
      hookTimeout: patience,
      // Built files are loaded by Node itself, as they would be in a user's project.
      server: { deps: { external: [/\/dist\//] } },
      typecheck: {
        enabled: typeTests,
        include: ['test/**/*.test-d.ts'],
        tsconfig: './tsconfig.test.json',
      },
      reporters: reports === undefined ? ['default'] : ['default', 'json'],
      ...(reports === undefined ? {} : { outputFile: { json: `${reports}/${name}.json` } }),
    },
  });
}
