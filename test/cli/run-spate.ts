/**
 * Owns the running of the command as its own process, from the sources, for tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** No command of these tests takes long; one that hangs fails with its output. */
const TIMEOUT_MS = 30_000;

export interface Result {
  /** The exit code, or the name of the signal that killed it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly result: Promise<Result>;
  /** Resolves with all of stdout so far once it matches. */
  stdoutMatch(pattern: RegExp): Promise<string>;
  stderrMatch(pattern: RegExp): Promise<string>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly stdin?: Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** Arguments of the runtime, before the program. */
  readonly runtime?: readonly string[];
}

/** Starts `spate ARGUMENTS`. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  // Of its own, so that runs side by side remember nothing of each other.
  const stateHome = mkdtempSync(join(tmpdir(), 'spate-state-'));
  const child = spawn(process.execPath, [...(options.runtime ?? []), MAIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: '', XDG_STATE_HOME: stateHome, ...options.env },
    stdio: 'pipe',
  });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      for (const watch of watchers) watch();
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const ended = new Promise<Result>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.on('close', (code, signal) => {
      rmSync(stateHome, { recursive: true, force: true });
      clearTimeout(timer);
      resolve({ code: code ?? signal ?? 'unknown', ...output });
    });
  });
  const match = (name: 'stdout' | 'stderr', pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        if (!pattern.test(output[name])) return;
        watchers.delete(watch);
        resolve(output[name]);
      };
      watchers.add(watch);
      watch();
      void ended.then(({ code }) =>
        reject(new Error(`ended (${code}) without ${pattern}:\n${output.stdout}\n${output.stderr}`)),
      );
    });
  return {
    child,
    result: ended,
    stdoutMatch: (pattern) => match('stdout', pattern),
    stderrMatch: (pattern) => match('stderr', pattern),
  };
}

/** Runs `spate ARGUMENTS` to its end. */
export function spate(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return start(args, options).result;
}

/** A folder that goes when the test ends. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spate-cli-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
