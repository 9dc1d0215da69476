/**
 * Owns copies of this checkout for tests of the launcher and the package: the scripts as they are, and in place of the
 * program a small one that tells what it sees.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const LAUNCHER_FILES = ['package.json', 'package-lock.json', '.npmrc', 'scripts', 'bin'];
const UNCOPIED = new Set(['.git', 'node_modules', 'dist', '.build', 'coverage']);

/**
 * Does what its first argument says. `wait` reports signals and stops as the real program does: gracefully on the first,
 * at once on one that comes more than half a second later.
 */
const STAND_IN = `/** Stands in for the program. */
const [command, value] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(line + '\\n');
if (command === 'wait') {
  let firstAt = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const now = Date.now();
      if (firstAt === 0) {
        firstAt = now;
        say('stop ' + name);
        setTimeout(() => process.exit(name === 'SIGINT' ? 130 : 143), 700);
      } else if (now - firstAt > 500) process.exit(99);
    });
  }
  setInterval(() => {}, 1000);
  say('up ' + process.pid);
} else if (command === 'exit') process.exitCode = Number(value);
else if (command === 'cat') process.stdin.pipe(process.stdout);
else if (command === 'arguments') say(JSON.stringify(process.argv.slice(2)));
else say(process.cwd() + ' ' + process.version);
`;

/** A checkout with the stand-in program, nothing built, node_modules a link to the real one; remove it afterwards. */
export function makeStandInCheckout(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spate launcher ')));
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const name of [...LAUNCHER_FILES, ...configs])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'src', 'base'), { recursive: true });
  mkdirSync(join(folder, 'src', 'cli'));
  cpSync(join(root, 'src', 'base', 'assert.ts'), join(folder, 'src', 'base', 'assert.ts'));
  writeFileSync(join(folder, 'src', 'cli', 'main.ts'), STAND_IN);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** A copy of what a clone of this checkout has: no node_modules, nothing built; remove it afterwards. */
export function makeFreshCheckout(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spate clone ')));
  for (const name of readdirSync(root)) {
    if (!UNCOPIED.has(name)) cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  return folder;
}

export function removeCheckout(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A running command; its process group is its own, so that a test can signal all of it as a terminal does. */
export interface Running {
  readonly pid: number;
  /** Resolves with the first line of stdout that matches. Rejects when the command ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

const started = new Set<ChildProcess>();

/** Ends whatever a failed test left running, with its process group. */
export function killStarted(): void {
  for (const { pid } of started) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/** Starts a command with an environment in which no outer npm or test runner is visible. */
export function start(command: string, args: readonly string[], options: RunOptions): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    detached: true,
  });
  started.add(child);
  child.on('close', () => started.delete(child));
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const check of waiting) check();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {}); // the command may end without reading
  child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { pid: child.pid ?? 0, ended, line: (pattern) => waitForLine(pattern) };

  function waitForLine(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(stdout);
        if (match === null) return;
        waiting.delete(check);
        resolve(match);
      };
      waiting.add(check);
      check();
      ended.then(() => reject(new Error(`ended without ${pattern}: ${stdout}${stderr}`)), reject);
    });
  }
}

/** Runs a command to its end. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  return start(command, args, options).ended;
}

/** PATH without any folder that npm added for a script, so that `node` and `npm` are those of the machine. */
export function machinePath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !/node_modules[\\/]|node-gyp-bin/.test(`${folder}/`)).join(delimiter);
}

function cleanEnvironment(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env, PATH: machinePath() };
  for (const name of Object.keys(env))
    if (/^(npm_|INIT_CWD$|NODE_TEST_CONTEXT$|NODE_OPTIONS$)/.test(name)) delete env[name];
  return env;
}

/** The machine's own Node when it is too old for the program, as `{ path, version }`; null when it is new or absent. */
export async function olderNode(): Promise<{ path: string; version: string } | null> {
  try {
    const { stdout } = await run('node', ['-p', 'process.execPath + " " + process.versions.node'], {
      cwd: tmpdir(),
    });
    const [path = '', version = ''] = stdout.trim().split(' ');
    return Number(version.split('.')[0]) < 24 ? { path, version } : null;
  } catch {
    return null; // no Node on PATH at all: whoever runs this was started by its full path
  }
}
