import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';

import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Found in every runtime, though not part of the language; core touches them in src/runtime/ only. */
const neutralGlobals = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'DOMException',
  'Event',
  'EventTarget',
  'MessageChannel',
  'MessagePort',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'performance',
  'queueMicrotask',
  'setInterval',
  'setTimeout',
  'structuredClone',
];

/** Belong to one runtime: nowhere in core. */
const runtimeGlobals = [
  'Buffer',
  'Bun',
  'Deno',
  '__dirname',
  '__filename',
  'BroadcastChannel',
  'SharedWorker',
  'Worker',
  'cancelAnimationFrame',
  'clearImmediate',
  'document',
  'global',
  'importScripts',
  'localStorage',
  'location',
  'module',
  'navigator',
  'postMessage',
  'process',
  'requestAnimationFrame',
  'require',
  'self',
  'sessionStorage',
  'setImmediate',
  'window',
];

/** @param {string} file */
function packageRoot(file) {
  let dir = path.dirname(file);
  while (!existsSync(path.join(dir, 'package.json'))) {
    const up = path.dirname(dir);
    if (up === dir) return undefined;
    dir = up;
  }
  return dir;
}

/** A package uses another one through the entry points in that one's `exports`, and no other way. */
const packageBoundary = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      inside: "'{{source}}' reaches inside another package; import one of its public entry points.",
      leaves: "'{{source}}' leaves this package; import the other one by its name.",
    },
  },
  /** @param {import('eslint').Rule.RuleContext} context */
  create(context) {
    const root = packageRoot(context.filename);
    /** @param {any} node */
    const check = (node) => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const source = node.value;
      if (/^@millrace\/[^/]+\/(src|dist|test)(\/|$)/.test(source)) {
        context.report({ node, messageId: 'inside', data: { source } });
      } else if (root !== undefined && /^\.{0,2}\//.test(source)) {
        const target = path.relative(root, path.resolve(path.dirname(context.filename), source));
        if (target === '..' || target.startsWith(`..${path.sep}`) || path.isAbsolute(target)) {
          context.report({ node, messageId: 'leaves', data: { source } });
        }
      }
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      /** @param {any} node */
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      /** @param {any} node `new URL('./worker.js', import.meta.url)` */
      NewExpression: (node) => {
        if (node.callee.name === 'URL' && node.arguments[1]?.type === 'MemberExpression') {
          check(node.arguments[0]);
        }
      },
      /** @param {any} node `import.meta.resolve(…)`, `require(…)` and `require.resolve(…)` */
      CallExpression: (node) => {
        const name = node.callee.property?.name ?? node.callee.name;
        if (name === 'require' || name === 'resolve') check(node.arguments[0]);
      },
    };
  },
};

/** @param {string[]} names @param {string} message */
const banGlobals = (names, message) => [
  'error',
  {
    globals: names.map((name) => ({ name, message })),
    checkGlobalObject: true,
    globalObjects: ['globalThis'],
  },
];

/** Declaring a global by hand would hide it from no-restricted-globals. @param {string[]} names */
const banAmbient = (names) => {
  const name = `/^(${names.join('|')})$/`;
  const message = 'Core may not declare this runtime global here.';
  return [
    'error',
    ...[
      `VariableDeclaration[declare=true] > VariableDeclarator[id.name=${name}]`,
      `TSDeclareFunction[declare=true][id.name=${name}]`,
      `ClassDeclaration[declare=true][id.name=${name}]`,
      `TSModuleDeclaration[kind="global"] VariableDeclarator[id.name=${name}]`,
      `TSModuleDeclaration[kind="global"] TSDeclareFunction[id.name=${name}]`,
    ].map((selector) => ({ selector, message })),
    { selector: 'TSTypeReference[typeName.left.name="NodeJS"]', message: 'Core knows no runtime.' },
  ];
};

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/.turbo/**',
      '**/node_modules/**',
      '**/*.config.*',
      '!eslint.config.js',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { millrace: { rules: { 'package-boundary': packageBoundary } } },
    rules: {
      'millrace/package-boundary': 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // `while (true)` is how a worker's loop is written.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // What is caught is passed on as it is, whatever somebody threw.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true, allowThrowingAny: true }],
      // A transport gets back what it gave, behind an interface that does not say its class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // There are no enums to look for, which takes a fifth of the time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Judgements of taste, or rules that get in the way of state machines and typed arrays.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // An interface may demand a promise from a method that has nothing to await.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['packages/core/src/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.map((name) => ({ name, message: 'Core knows no runtime.' })),
          patterns: [{ regex: '^(node|bun):', message: 'Core knows no runtime.' }],
        },
      ],
      'no-restricted-globals': banGlobals(
        [...neutralGlobals, ...runtimeGlobals],
        'Core knows no runtime; go through src/runtime/.',
      ),
      'no-restricted-syntax': banAmbient([...neutralGlobals, ...runtimeGlobals]),
    },
  },
  {
    files: ['packages/core/src/runtime/**'],
    rules: {
      'no-restricted-globals': banGlobals(runtimeGlobals, 'Not found in every runtime.'),
      'no-restricted-syntax': banAmbient(runtimeGlobals),
    },
  },
  {
    files: ['**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
