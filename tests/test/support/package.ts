import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import ts from 'typescript';

import { here, root } from './places.js';
import { needsShell, npmEnv, type Outcome, run } from './run.js';

export const packed = [
  '@millrace/browser-adapter',
  '@millrace/core',
  '@millrace/node-adapter',
] as const;

export interface Manifest {
  readonly name: string;
  readonly type?: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A folder outside the workspace, in which packed packages are installed as a user would. */
export class Installation {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-pack-')));
  private readonly names: readonly string[];

  constructor(names: readonly string[] = packed) {
    this.names = names;
  }

  /** Packs the packages and installs the tarballs, and nothing else: npm may not ask for more. */
  async install(): Promise<void> {
    const tarballs = path.join(this.folder, 'tarballs');
    const filters = this.names.map((name) => `--filter=${name}`);
    const [pnpm = '', ...first] = pnpmCommand();
    const pack = [...first, ...filters, 'pack', '--pack-destination', tarballs];
    await succeed('pnpm pack', run(pnpm, pack, { cwd: root, shell: needsShell, limit: 60_000 }));

    const manifest = path.join(this.folder, 'package.json');
    writeFileSync(manifest, '{ "private": true, "type": "module" }\n');
    const files = readdirSync(tarballs).map((file) => path.join(tarballs, file));
    // A lockfile would tell some tools that this is the root of whatever lies in the folders below.
    const words = ['--offline', '--no-audit', '--no-fund', '--no-package-lock'];
    const install = ['install', ...words, ...files];
    const there = { cwd: this.folder, env: npmEnv, shell: needsShell, limit: 60_000 };
    await succeed('npm install', run('npm', install, there));
  }

  /** Where an installed package is. */
  place(name: string): string {
    return path.join(this.folder, 'node_modules', name);
  }

  installed(): string[] {
    const modules = path.join(this.folder, 'node_modules');
    return readdirSync(modules)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) =>
        name.startsWith('@')
          ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`)
          : [name],
      );
  }

  manifest(name: string): Manifest {
    const manifest: Manifest = JSON.parse(this.read(name, 'package.json'));
    return manifest;
  }

  /** All files of an installed package. */
  files(name: string): string[] {
    return readdirSync(this.place(name), { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        path
          .relative(this.place(name), path.join(entry.parentPath, entry.name))
          .replaceAll(path.sep, '/'),
      );
  }

  read(name: string, file: string): string {
    return readFileSync(path.join(this.place(name), file), 'utf8');
  }

  has(name: string, file: string): boolean {
    return existsSync(path.join(this.place(name), file));
  }

  /** Whether there is something to run. */
  get isCompiled(): boolean {
    return existsSync(path.join(this.folder, 'out'));
  }

  /** Compiles the user's program there, strictly, libraries included, and answers what the compiler has against it. */
  compile(program: string, resolution: 'nodenext' | 'bundler'): string[] {
    const source = path.join(this.folder, 'src');
    cpSync(path.join(here, 'test', program), source, { recursive: true });
    const nodeNext = resolution === 'nodenext';
    const main = ts.createProgram([path.join(source, 'main.ts')], {
      target: ts.ScriptTarget.ES2022,
      module: nodeNext ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext,
      moduleResolution: nodeNext
        ? ts.ModuleResolutionKind.NodeNext
        : ts.ModuleResolutionKind.Bundler,
      // With a bundler the page's own types are there too, and must not get in the way.
      ...(nodeNext
        ? {}
        : { lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'] }),
      types: ['node'],
      typeRoots: [path.join(here, 'node_modules', '@types')],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      outDir: path.join(this.folder, 'out'),
      noEmit: !nodeNext,
    });
    main.emit();
    return this.problemsOf(main);
  }

  /** What the compiler has against a program that lies in this folder and has a tsconfig.json. */
  check(program: string): string[] {
    const place = path.join(this.folder, program);
    const { config } = ts.readConfigFile(path.join(place, 'tsconfig.json'), (file) =>
      ts.sys.readFile(file),
    ) as { config: unknown };
    const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, place);
    return this.problemsOf(ts.createProgram(fileNames, options));
  }

  private problemsOf(program: ts.Program): string[] {
    // The program and the packages' own declarations, which is what strict library checks would add
    // for a user; checking all of Node's and the page's as well takes long and says nothing of us.
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(this.folder));
    for (const name of this.names)
      if (!ours.some(({ fileName }) => fileName.includes(name)))
        throw new Error(`The types of ${name} were not found.`);
    const problems = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...ours.flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]),
    ];
    return problems.map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  }

  /** Runs a file that `compile` made, or code, in this folder. */
  run(node: string, ...args: string[]): Promise<Outcome> {
    return run(node, args, { cwd: this.folder, env: npmEnv });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The pnpm that runs the tests, or else the pinned one. */
function pnpmCommand(): string[] {
  const running = process.env['npm_execpath'] ?? '';
  const name = path.basename(running);
  if (/^pnpm\.[cm]?js$/.test(name)) return [process.execPath, running];
  if (/^pnpm(\.exe)?$/.test(name)) return [running];
  const { packageManager }: { packageManager: string } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  return ['npx', '-y', packageManager];
}

async function succeed(what: string, outcome: Promise<Outcome>): Promise<void> {
  const { code, stdout, stderr } = await outcome;
  if (code !== 0)
    throw new Error(`${what} failed (exit code ${String(code)}):\n${stdout}\n${stderr}`);
}
