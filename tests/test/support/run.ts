import { spawn } from 'node:child_process';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly shell?: boolean;
  /** Ms after which it is killed, which its outcome then says. */
  readonly limit?: number;
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { limit = 30_000, cwd, env = process.env, shell = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const timer = setTimeout(() => {
      stderr += `\nIt did not end by itself within ${String(limit)} ms.\n`;
      child.kill('SIGKILL');
    }, limit);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** The Node of whoever typed `npm test`: the one that the built packages have to work on. */
export const userNode = process.env['MILLRACE_USER_NODE'] ?? process.execPath;

/** The environment for npm, without what the npm or pnpm that started the tests says of itself. */
export const npmEnv: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cache|userconfig)$)|pnpm_)/.test(name),
  ),
);

/** npm and npx on Windows are files that only a shell starts. */
export const needsShell = process.platform === 'win32';
