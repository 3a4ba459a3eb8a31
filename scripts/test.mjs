// npm test: build, type check, lint, then every package's tests. The last line of the output is
// `N passed, N failed`. A stage that fails, a test file that does not load and a package that leaves
// no report each count as one failure, so that the line never looks better than the run was.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { bootstrap, packageFiles, root, toolEnv, turbo } from './bootstrap.mjs';
import { ensureBrowsers } from './browsers.mjs';
import { ensureRedis } from './redis.mjs';
import { ensureSpin } from './spin.mjs';

await ensureRedis();
await ensureBrowsers();
const spin = await ensureSpin();
await bootstrap();

const reports = path.join(root, 'node_modules', '.millrace-reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

/** @type {string[]} */
const problems = [];
let failed = 0;
let passed = 0;

if (await stage('build', ['build', '--output-logs=errors-only'])) {
  await stage('typecheck and lint', [
    'typecheck',
    'lint',
    'lint:root',
    '--continue',
    '--output-logs=new-only',
  ]);
  // One package at a time: the tests of one start several threads of their own.
  const tests = await turbo(['test', '--continue', '--concurrency=1', '--output-logs=new-only'], {
    env: { ...toolEnv, ...spin, MILLRACE_TEST_REPORTS: reports },
  });
  count();
  if (tests !== 0 && failed === 0) problem('the tests ended with an error that no report has');
}

if (problems.length > 0)
  console.log(`\nNot in order:\n${problems.map((p) => `- ${p}`).join('\n')}`);
console.log(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** @param {string} name @param {string[]} args */
async function stage(name, args) {
  const code = await turbo([...args, '--concurrency=2']);
  if (code !== 0) problem(`${name} failed (exit code ${String(code)})`);
  return code === 0;
}

/** @param {string} text */
function problem(text) {
  problems.push(text);
  failed += 1;
}

function count() {
  for (const file of packageFiles()) {
    const manifest = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    if (manifest.scripts?.test === undefined) continue;
    const report = path.join(reports, `${path.basename(path.dirname(file))}.json`);
    if (!existsSync(report)) {
      problem(`${manifest.name} left no test report`);
      continue;
    }
    const results = JSON.parse(readFileSync(report, 'utf8'));
    passed += results.numPassedTests;
    failed += results.numFailedTests;
    for (const suite of results.testResults) {
      const bad = suite.assertionResults.filter((/** @type {any} */ t) => t.status === 'failed');
      for (const test of bad) {
        const where = test.meta.project === undefined ? '' : ` (${test.meta.project})`;
        problems.push(
          `${path.relative(root, suite.name)}${where}: ${test.fullName}\n    ${String(test.failureMessages[0]).split('\n').slice(0, 60).join('\n    ')}`,
        );
      }
      const blamed = bad.length > 0;
      if (suite.status === 'failed' && !blamed) {
        problem(`${path.relative(root, suite.name)} failed outside its tests: ${suite.message}`);
      }
    }
    if (!results.success && results.numFailedTests === 0 && problems.length === 0) {
      problem(`the test run of ${manifest.name} failed outside its tests`);
    }
  }
}
